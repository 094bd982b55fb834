/** The three switches of the rollout. A change is explained and must be confirmed. */
import { usePutStatsSource } from "@/api/statistics/putStatsSource";
import { Button } from "@/components/controls/Button";
import { ConfirmDialog } from "@/components/dialogs/ConfirmDialog";
import { Field } from "@/components/controls/Field";
import { changeOf, meaningOf, percentOf, VARIABLES, type StatsSwitches } from "@/features/settings/statistics/statsChange";
import { statisticsTexts as texts } from "@/texts/settings";
import type { StatsSourceAnswer } from "@/types/api";
import { useRef, useState, type ReactNode, type SyntheticEvent } from "react";

interface StatsSourceFormProps {
  readonly inForce: StatsSourceAnswer;
  readonly onSaved: () => void;
}

const SOURCES = [true, false] as const;

export function StatsSourceForm({ inForce, onSaved }: StatsSourceFormProps): ReactNode {
  const put = usePutStatsSource();
  const percentInput = useRef<HTMLInputElement>(null);
  const [isStore, setIsStore] = useState(inForce.use_influxdb_stats);
  const [percentText, setPercentText] = useState(String(inForce.influxdb_rollout_percent));
  const [compares, setCompares] = useState(inForce.stats_compare);
  const [percentError, setPercentError] = useState<string | null>(null);
  const [isConfirming, setIsConfirming] = useState(false);
  const { environment } = inForce;
  const isStoreAllowed = environment.use_influxdb_stats !== false;
  const limit = environment.influxdb_rollout_percent;
  const percent = percentOf(percentText);
  const wanted: StatsSwitches = {
    use_influxdb_stats: isStore,
    influxdb_rollout_percent: percent ?? inForce.influxdb_rollout_percent,
    stats_compare: compares,
  };
  const change = changeOf(inForce, wanted);
  const onSubmit = (event: SyntheticEvent) => {
    event.preventDefault();
    const wrong = percent === null ? texts.percentWrong : limit !== null && percent > limit ? texts.above(limit) : null;
    setPercentError(wrong);
    if (wrong !== null) percentInput.current?.focus();
    else if (change !== null) setIsConfirming(true);
  };
  const confirm = () => {
    if (change === null) return;
    put.mutate(change, {
      onSuccess: () => {
        setIsConfirming(false);
        onSaved();
      },
    });
  };
  return (
    <form noValidate onSubmit={onSubmit} aria-label={texts.title} className="max-w-prose space-y-4">
      <fieldset disabled={!isStoreAllowed} className="space-y-1.5">
        <legend className="text-xs font-medium text-ink-soft">{texts.source}</legend>
        <div className="flex flex-wrap gap-x-6 gap-y-1 pt-1">
          {SOURCES.map((value) => (
            <label key={String(value)} className="flex items-center gap-2 text-sm">
              <input
                type="radio"
                name="source"
                checked={isStore === value}
                onChange={() => {
                  setIsStore(value);
                }}
                className="accent-accent"
              />
              {value ? texts.store : texts.services}
            </label>
          ))}
        </div>
        {!isStoreAllowed && <p className="text-xs text-ink-faint">{texts.limited(VARIABLES.use_influxdb_stats, false)}</p>}
      </fieldset>
      <Field label={texts.percent} hint={limit === null ? texts.percentHint : texts.limited(VARIABLES.influxdb_rollout_percent, limit)} error={percentError}>
        {({ className, ...input }) => (
          <input
            {...input}
            ref={percentInput}
            className={`${className} !w-24`}
            inputMode="numeric"
            name="percent"
            value={percentText}
            disabled={!isStore || limit === 0}
            onChange={(event) => {
              setPercentText(event.target.value);
              setPercentError(null);
            }}
          />
        )}
      </Field>
      <div className="space-y-1">
        <label className="flex items-center gap-2 text-sm">
          <input
            type="checkbox"
            checked={compares}
            disabled={environment.stats_compare !== null}
            onChange={(event) => {
              setCompares(event.target.checked);
            }}
            className="accent-accent"
          />
          {texts.compare}
        </label>
        <p className="text-xs text-ink-faint">{environment.stats_compare === null ? texts.compareHint : texts.fixed(VARIABLES.stats_compare)}</p>
      </div>
      <Button type="submit" kind="primary" isDisabled={change === null && percent !== null}>
        {texts.save}
      </Button>
      {isConfirming && (
        <ConfirmDialog
          title={texts.confirmTitle}
          confirm={texts.confirm}
          isPending={put.isPending}
          error={put.error?.message ?? null}
          onConfirm={confirm}
          onCancel={() => {
            setIsConfirming(false);
            put.reset();
          }}
        >
          {meaningOf(wanted).map((sentence) => (
            <p key={sentence} className="text-ink">
              {sentence}
            </p>
          ))}
          <p>{texts.confirmText}</p>
        </ConfirmDialog>
      )}
    </form>
  );
}
