/** The filter editor: a change is previewed on stored events before it is applied. */
import { usePreviewFilters } from "@/api/filters/previewFilters";
import { usePutFilters } from "@/api/filters/putFilters";
import { Button } from "@/components/controls/Button";
import { FilterSelect } from "@/components/controls/FilterSelect";
import { Notice } from "@/components/signs/Notice";
import { fromDraft, isSame, refusedList, toDraft, type FilterField } from "@/features/records/filters/filterDraft";
import { FiltersForm } from "@/features/records/filters/FiltersForm";
import { PreviewResult } from "@/features/records/filters/PreviewResult";
import { useFilterParam } from "@/hooks/address/useFilterParam";
import { ApiError } from "@/lib/http";
import { periodTexts } from "@/texts/period";
import { filterTexts as texts } from "@/texts/records";
import type { FiltersAnswer } from "@/types/api";
import { PERIOD_FACTS, PERIODS } from "@/types/period";
import { useRef, useState, type ReactNode, type SyntheticEvent } from "react";

const DEFAULT_PERIOD = "24h";
const TIMES = PERIODS.map((value) => ({ value, label: periodTexts.last(PERIOD_FACTS[value].words) }));

interface FiltersEditorProps {
  readonly inForce: FiltersAnswer;
  readonly onSaved: () => void;
}

export function FiltersEditor({ inForce, onSaved }: FiltersEditorProps): ReactNode {
  const [draft, setDraft] = useState(() => toDraft(inForce));
  const [chosen, setPeriod] = useFilterParam("period");
  const period = PERIODS.find((each) => each === chosen) ?? DEFAULT_PERIOD;
  const form = useRef<HTMLFormElement>(null);
  const [preview, save] = [usePreviewFilters(), usePutFilters()];
  const filters = fromDraft(draft);
  const isUnchanged = isSame(filters, inForce);
  const error = save.error ?? preview.error;
  const refused = error instanceof ApiError ? refusedList(error.detail, error.message) : null;
  const focusRefused = (failure: Error) => {
    const at = failure instanceof ApiError ? refusedList(failure.detail, failure.message) : null;
    if (at !== null) form.current?.querySelector<HTMLTextAreaElement>(`[name="${at.field}"]`)?.focus();
  };
  const forget = () => {
    preview.reset();
    save.reset();
  };
  const change = (field: FilterField, text: string) => {
    setDraft((current) => ({ ...current, [field]: text }));
    forget();
  };
  const tryOut = (event: SyntheticEvent) => {
    event.preventDefault();
    forget();
    preview.mutate({ filters, period }, { onError: focusRefused });
  };
  const putInForce = () => {
    save.mutate(filters, { onSuccess: onSaved, onError: focusRefused });
  };
  return (
    <form ref={form} onSubmit={tryOut} aria-label={texts.title} className="space-y-4">
      <FiltersForm draft={draft} refused={refused} isDisabled={save.isPending} onChange={change} />
      <p className="max-w-prose text-xs text-ink-faint">
        {texts.perLine} {texts.order}
      </p>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <FilterSelect
          label={texts.period}
          value={period}
          options={TIMES}
          onChange={(value) => {
            forget();
            setPeriod(value);
          }}
        />
        <Button type="submit" kind={preview.isSuccess ? "quiet" : "primary"} isDisabled={preview.isPending}>
          {preview.isPending ? texts.previewing : texts.preview}
        </Button>
        {!isUnchanged && (
          <Button
            onClick={() => {
              setDraft(toDraft(inForce));
              forget();
            }}
          >
            {texts.reset}
          </Button>
        )}
      </div>
      {error !== null && refused === null && (
        <Notice tone="bad" icon="alert" role="alert">
          {save.error === null ? texts.failed(error.message) : error.message}
        </Notice>
      )}
      <div role="status">{preview.data && <PreviewResult preview={preview.data} />}</div>
      {isUnchanged && preview.isSuccess && <p className="text-sm text-ink-soft">{texts.unchanged}</p>}
      {!isUnchanged && (preview.isSuccess || (preview.isError && refused === null)) && (
        <Button kind="primary" onClick={putInForce} isDisabled={save.isPending}>
          {preview.isSuccess ? texts.save : texts.saveUnseen}
        </Button>
      )}
    </form>
  );
}
