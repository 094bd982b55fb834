/** Rejected events: counts by reason, the list with payloads, and replays. */
import { useRejectedPage } from "@/api/records/getRejected";
import { useRejectedFile } from "@/api/records/getRejectedFile";
import { FilterSelect } from "@/components/controls/FilterSelect";
import { ReasonsCard } from "@/features/records/rejected/ReasonsCard";
import { reasonWords } from "@/features/records/rejected/reasonWords";
import { RejectedCard } from "@/features/records/rejected/RejectedCard";
import { ReplayAllDialog } from "@/features/records/rejected/ReplayAllDialog";
import { RecordsFilters } from "@/features/records/RecordsFilters";
import { readRecordsTime, recordsTimeParameters } from "@/features/records/recordsTime";
import { ScopeNote } from "@/features/session/ScopeNote";
import { useMay } from "@/features/session/useMay";
import { useFilterParam } from "@/hooks/address/useFilterParam";
import { useSearchParams } from "@/hooks/address/useSearchParams";
import { rejectedTexts as texts } from "@/texts/records";
import { asLoadable } from "@/utils/asLoadable";
import { staleBecause } from "@/utils/time/staleBecause";
import { useState, type ReactNode } from "react";

const PER_PAGE = 25;
const STATES = (["", "false", "true"] as const).map((value) => ({ value, label: texts.states[value] }));

export function RejectedView({ homes }: { readonly homes: readonly string[] }): ReactNode {
  const [search] = useSearchParams();
  const [key, setKey] = useFilterParam("key");
  const [state, setState] = useFilterParam("replayed");
  const [replaying, setReplaying] = useState<{ readonly key: string; readonly count: number } | null>(null);
  const mayReplay = useMay("operate");
  const shared = { ...recordsTimeParameters(readRecordsTime(search)), home: search.get("home") ?? undefined };
  const rejected = useRejectedPage({
    ...shared,
    key: key || undefined,
    replayed: state === "true" || state === "false" ? state : undefined,
    limit: PER_PAGE,
    cursor: search.get("cursor") ?? undefined,
  });
  const all = asLoadable(useRejectedPage({ ...shared, limit: 1 }));
  const counts = all.data?.counts ?? {};
  const waiting = useRejectedPage({ ...shared, replayed: "false", limit: 1 }).data?.counts ?? {};
  const file = asLoadable(useRejectedFile());
  const keys = [...new Set([...Object.keys(counts), ...(key === "" ? [] : [key])])];
  const isFiltered = key !== "" || state !== "" || Object.values(shared).some((value) => value !== undefined);
  return (
    <>
      <ReasonsCard
        counts={counts}
        waiting={waiting}
        file={file}
        staleBecause={staleBecause(all)}
        mayReplay={mayReplay === true}
        onShow={setKey}
        onReplay={(reason) => {
          setReplaying({ key: reason, count: waiting[reason] ?? 0 });
        }}
      />
      {mayReplay === false && Object.keys(counts).length > 0 && <ScopeNote scope="operate" what={texts.replayWhat} />}
      <RejectedCard
        rejected={asLoadable(rejected)}
        hasSeveralHomes={homes.length > 1}
        mayReplay={mayReplay === true}
        isFiltered={isFiltered}
        filters={
          <RecordsFilters homes={homes}>
            <FilterSelect
              label={texts.reason}
              value={key}
              options={[{ value: "", label: texts.everyReason }, ...keys.map((value) => ({ value, label: reasonWords(value) }))]}
              onChange={setKey}
            />
            <FilterSelect label={texts.state} value={state} options={STATES} onChange={setState} />
          </RecordsFilters>
        }
      />
      {replaying !== null && (
        <ReplayAllDialog
          question={{ ...shared, key: replaying.key }}
          reason={reasonWords(replaying.key)}
          count={replaying.count}
          onClose={() => {
            setReplaying(null);
          }}
        />
      )}
    </>
  );
}
