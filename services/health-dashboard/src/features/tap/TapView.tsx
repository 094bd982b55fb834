/** The live tap: description, button to open it, its events, and why it ended; for administrators. */
import { Button } from "@/components/controls/Button";
import { Card } from "@/components/layout/Card";
import { Notice } from "@/components/signs/Notice";
import { ScopeNote } from "@/features/session/ScopeNote";
import { useMay } from "@/features/session/useMay";
import { remainingWords } from "@/features/tap/remainingWords";
import { TappedItems } from "@/features/tap/TappedItems";
import { useStore } from "@/hooks/useStore";
import type { TapFeed, TapState } from "@/lib/tapFeed";
import { filterTexts } from "@/texts/events";
import { tapTexts as texts } from "@/texts/tap";
import { EVENT_FILTERS, type EventFilters } from "@/types/eventFilters";
import { isSameFilter, isUnfiltered } from "@/utils/address/eventFilters";
import { formatCount } from "@/utils/format/formatNumber";
import type { ReactNode } from "react";

interface TapViewProps {
  readonly feed: TapFeed;
  /** The filters of the next tap. */
  readonly filters: EventFilters;
}

export function TapView({ feed, filters }: TapViewProps): ReactNode {
  const may = useMay("admin");
  const state = useStore(feed.store, (whole) => whole);
  if (may === null) return null;
  if (!may) return <ScopeNote scope="admin" what={texts.needs} />;
  const isOpen = state.phase === "open";
  const open = () => {
    void feed.open(filters);
  };
  return (
    <>
      {!isOpen && (
        <Notice
          tone={state.error === null ? "neutral" : "bad"}
          role={state.error === null ? "status" : "alert"}
          action={
            <Button kind="primary" onClick={open} isDisabled={state.phase === "opening"}>
              {state.phase === "opening" ? texts.opening : state.phase === "ended" ? texts.openAgain : texts.open}
            </Button>
          }
        >
          {state.end !== null && <p className="font-medium">{texts.ends[state.end]}</p>}
          {state.error === null ? <p>{texts.about}</p> : <p>{texts.openFailed(state.error.message)}</p>}
          {!isUnfiltered(filters) && <p className="mt-1">{texts.nextFilter(filterWords(filters))}</p>}
        </Notice>
      )}
      {isOpen && <Remarks state={state} filters={filters} />}
      {(isOpen || state.rows.length > 0) && (
        <Card title={texts.listLabel} note={noteOf(state)} aside={isOpen && <Controls feed={feed} state={state} />}>
          <TappedItems rows={state.rows} onOpen={feed.pause} />
        </Card>
      )}
    </>
  );
}

function Controls({ feed, state }: { readonly feed: TapFeed; readonly state: TapState }): ReactNode {
  return (
    <div className="flex shrink-0 items-center gap-2">
      <Button icon={state.isPaused ? "play" : "pause"} onClick={state.isPaused ? feed.resume : feed.pause}>
        {state.isPaused ? texts.resume : texts.pause}
      </Button>
      <Button kind="danger" onClick={feed.end}>
        {texts.end}
      </Button>
    </div>
  );
}

function Remarks({ state, filters }: { readonly state: TapState; readonly filters: EventFilters }): ReactNode {
  return (
    <>
      {state.problem !== null && (
        <Notice tone="warn" icon="alert" role="status">
          {texts.problem(state.problem)}
        </Notice>
      )}
      {state.leftOut > 0 && (
        <Notice tone="warn" icon="alert">
          {texts.leftOut(formatCount(state.leftOut))}
        </Notice>
      )}
      {!isSameFilter(state.filters, filters) && <Notice tone="neutral">{texts.otherFilter}</Notice>}
    </>
  );
}

function noteOf({ filters, isPaused, waiting, remainingS }: TapState): string {
  const shown = texts.filterOf(isUnfiltered(filters) ? texts.everything : filterWords(filters));
  const remaining = remainingS === null ? null : texts.remaining(remainingWords(remainingS));
  return [remaining, isPaused ? texts.pausedWith(formatCount(waiting)) : shown].filter((part) => part !== null).join(" · ");
}

function filterWords(filters: EventFilters): string {
  return EVENT_FILTERS.flatMap((name) => (filters[name] === undefined ? [] : [`${filterTexts[name]}: ${filters[name]}`])).join(", ");
}
