/** Selects the time range of the page: a period that ends now, or a free range. */
import { FreeRangeForm } from "@/components/controls/PeriodControl/FreeRangeForm";
import { SegmentedControl } from "@/components/controls/SegmentedControl";
import { usePeriod } from "@/hooks/address/usePeriod";
import { periodTexts } from "@/texts/period";
import { PERIOD_FACTS, PERIODS, type Period } from "@/types/period";
import { isFreeRange, timeWords } from "@/utils/time/timeChoice";
import { useState, type ReactNode } from "react";

const CUSTOM = "custom";
const FIXED = PERIODS.map((value) => ({ value, label: periodTexts.lastLabel(PERIOD_FACTS[value].words), face: value }));

interface PeriodControlProps {
  /** The default without a choice in the address; as passed to `usePeriod`. */
  readonly fallback?: Period;
}

export function PeriodControl({ fallback }: PeriodControlProps): ReactNode {
  const [choice, choose] = usePeriod(fallback);
  const [isEditing, setIsEditing] = useState(false);
  const custom = { value: CUSTOM, label: periodTexts.customLabel, face: periodTexts.custom } as const;
  const isCustom = isEditing || isFreeRange(choice);
  return (
    <div className="flex max-w-full flex-col items-end gap-2">
      <SegmentedControl
        label={periodTexts.label}
        options={[...FIXED, custom]}
        value={isCustom ? CUSTOM : choice}
        onChange={(value) => {
          setIsEditing(value === CUSTOM);
          if (value !== CUSTOM) choose(value);
        }}
      />
      {isFreeRange(choice) && !isEditing && (
        <button
          type="button"
          className="text-xs text-ink-soft underline underline-offset-2"
          onClick={() => {
            setIsEditing(true);
          }}
        >
          {timeWords(choice)}
        </button>
      )}
      {isEditing && (
        <FreeRangeForm
          choice={choice}
          onApply={(range) => {
            choose(range);
            setIsEditing(false);
          }}
          onCancel={() => {
            setIsEditing(false);
          }}
        />
      )}
    </div>
  );
}
