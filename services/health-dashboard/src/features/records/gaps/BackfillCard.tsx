/** The form for fetching the history of a time range. Errors are shown at their field, and the first one gets the focus. */
import { useBeginBackfill } from "@/api/records/beginBackfill";
import { Button } from "@/components/controls/Button";
import { Card } from "@/components/layout/Card";
import { Field } from "@/components/controls/Field";
import { Notice } from "@/components/signs/Notice";
import { checkRange, refusedField, type RangeErrors } from "@/features/records/gaps/backfillRange";
import { ScopeNote } from "@/features/session/ScopeNote";
import { useMay } from "@/features/session/useMay";
import { ApiError } from "@/lib/http";
import { serverClock } from "@/lib/serverClock";
import { backfillTexts as texts } from "@/texts/records";
import { toLocalInput } from "@/utils/time/toLocalInput";
import { useState, type ReactNode, type SyntheticEvent } from "react";

const DAY_MS = 86_400_000;

export function BackfillCard({ hasSeveralHomes }: { readonly hasSeveralHomes: boolean }): ReactNode {
  const mayOperate = useMay("operate");
  return (
    <Card title={texts.title}>
      <div className="space-y-3 px-5 py-4">
        <p className="max-w-prose text-sm text-ink-soft">
          {texts.text} {hasSeveralHomes && texts.several}
        </p>
        {mayOperate === true && <BackfillForm />}
        {mayOperate === false && <ScopeNote scope="operate" what={texts.what} />}
      </div>
    </Card>
  );
}

function BackfillForm(): ReactNode {
  const begin = useBeginBackfill();
  const [errors, setErrors] = useState<RangeErrors>({});
  const [[start, end], setRange] = useState(() => [toLocalInput(serverClock.now() - DAY_MS), toLocalInput(serverClock.now())] as const);
  const onSubmit = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const show = (found: RangeErrors) => {
      setErrors(found);
      form.querySelector<HTMLInputElement>(`[name=${found.start === undefined ? "end" : "start"}]`)?.focus();
    };
    const checked = checkRange(start, end, serverClock.now());
    begin.reset();
    if (checked.range === null) {
      show(checked.errors);
      return;
    }
    setErrors({});
    begin.mutate(checked.range, {
      onError: (error) => {
        const refused = error instanceof ApiError ? refusedField(error.detail, error.message) : null;
        if (refused !== null) show(refused);
      },
    });
  };
  const isAtField = errors.start !== undefined || errors.end !== undefined;
  const input = (name: "start" | "end", value: string, change: (value: string) => void) => (
    <Field label={texts[name]} error={errors[name]}>
      {(field) => (
        <input
          {...field}
          type="datetime-local"
          name={name}
          value={value}
          onChange={(event) => {
            change(event.target.value);
          }}
        />
      )}
    </Field>
  );
  return (
    <form noValidate onSubmit={onSubmit} aria-label={texts.title} className="space-y-3">
      <div className="grid max-w-md gap-3 sm:grid-cols-2">
        {input("start", start, (value) => {
          setRange([value, end]);
        })}
        {input("end", end, (value) => {
          setRange([start, value]);
        })}
      </div>
      <p className="text-xs text-ink-faint">{texts.hint}</p>
      <Button type="submit" kind="primary" isDisabled={begin.isPending}>
        {texts.submit}
      </Button>
      {begin.isSuccess && (
        <Notice tone="info" icon="check" role="status">
          {texts.begun}
        </Notice>
      )}
      {begin.isError && !isAtField && (
        <Notice tone="bad" icon="alert" role="alert">
          {begin.error.message}
        </Notice>
      )}
    </form>
  );
}
