/** The filters of all lists of records, kept in the address: home and time range. Further filters are passed as children. */
import { FilterSelect } from "@/components/controls/FilterSelect";
import { FreeRangeForm } from "@/components/controls/PeriodControl/FreeRangeForm";
import { readRecordsTime, withRecordsTime, type RecordsTime } from "@/features/records/recordsTime";
import { useFilterParam } from "@/hooks/address/useFilterParam";
import { useSearchParams } from "@/hooks/address/useSearchParams";
import { periodTexts } from "@/texts/period";
import { recordsTexts } from "@/texts/records";
import { PERIOD_FACTS, PERIODS } from "@/types/period";
import { timeWords } from "@/utils/time/timeChoice";
import { useState, type ReactNode } from "react";

const CUSTOM = "custom";
const TIMES = [
  { value: "", label: recordsTexts.anyTime },
  ...PERIODS.map((value) => ({ value, label: periodTexts.lastLabel(PERIOD_FACTS[value].words) })),
];

interface RecordsFiltersProps {
  /** The captured homes. A filter is offered for two or more. */
  readonly homes: readonly string[];
  readonly children?: ReactNode;
}

export function RecordsFilters({ homes, children }: RecordsFiltersProps): ReactNode {
  const [search, setSearch] = useSearchParams();
  const [home, setHome] = useFilterParam("home");
  const [isEditing, setIsEditing] = useState(false);
  const time = readRecordsTime(search);
  const choose = (chosen: RecordsTime) => {
    setIsEditing(false);
    setSearch((current) => withRecordsTime(current, chosen));
  };
  const custom = { value: CUSTOM, label: typeof time === "string" ? recordsTexts.customTime : timeWords(time) };
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-5 py-2.5">
      {children}
      {homes.length > 1 && (
        <FilterSelect
          label={recordsTexts.home}
          value={home}
          options={[{ value: "", label: recordsTexts.everyHome }, ...homes.map((name) => ({ value: name, label: name }))]}
          onChange={setHome}
        />
      )}
      <FilterSelect
        label={recordsTexts.time}
        value={isEditing || typeof time !== "string" ? CUSTOM : time}
        options={[...TIMES, custom]}
        onChange={(value) => {
          if (value === CUSTOM) setIsEditing(true);
          else choose(PERIODS.find((period) => period === value) ?? "");
        }}
      />
      {isEditing && (
        <FreeRangeForm
          choice={time === "" ? "24h" : time}
          onApply={choose}
          onCancel={() => {
            setIsEditing(false);
          }}
        />
      )}
    </div>
  );
}
