/** Live events, which can be paused, followed by older events. */
import { useOlderEvents } from "@/api/events/getOlderEvents";
import { Button } from "@/components/controls/Button";
import { Card } from "@/components/layout/Card";
import { Faces } from "@/components/signs/Faces";
import type { IconName } from "@/components/signs/Icon";
import { Message } from "@/components/signs/Message";
import { SkeletonRows } from "@/components/layout/SkeletonRows";
import type { Tone } from "@/components/signs/tones";
import { EventItems } from "@/features/events/EventItems";
import { OlderEvents } from "@/features/events/OlderEvents";
import { useStore } from "@/hooks/useStore";
import type { LiveFeed } from "@/lib/liveFeed";
import { eventsTexts as texts, filterTexts } from "@/texts/events";
import type { EventFilters } from "@/types/eventFilters";
import { afterMicrosecond } from "@/utils/time/afterMicrosecond";
import { isUnfiltered, withoutEventFilters } from "@/utils/address/eventFilters";
import { formatCount } from "@/utils/format/formatNumber";
import { mergeEvents } from "@/utils/mergeEvents";
import { staleBecause } from "@/utils/time/staleBecause";
import { useMemo, useState, type ReactNode } from "react";
import { useSearchParams } from "@/hooks/address/useSearchParams";

interface EventsViewProps {
  readonly feed: LiveFeed;
  readonly filters: EventFilters;
}

export function EventsView({ feed, filters }: EventsViewProps): ReactNode {
  const state = useStore(feed.store, (whole) => whole);
  const [olderThan, setOlderThan] = useState<string | null>(null);
  // Older events can only follow a paused list.
  const end = state.isPaused ? olderThan : null;
  const older = useOlderEvents(filters, end);
  const pages = end === null ? undefined : older.data?.pages;
  const events = useMemo(
    () => (pages === undefined ? state.events : mergeEvents(state.events, pages.flatMap((page) => page.events), Infinity)),
    [state.events, pages],
  );
  const source = {
    data: state.isLoaded ? events : undefined,
    error: state.status === "live" && state.isLoaded ? null : state.error,
    updatedMs: state.updatedMs,
    retry: feed.refresh,
  };
  const showOlder = () => {
    const oldest = state.events.at(-1);
    if (end !== null) void older.fetchNextPage();
    else if (oldest !== undefined) {
      feed.pause();
      setOlderThan(afterMicrosecond(oldest.time));
    }
  };
  const resume = () => {
    setOlderThan(null);
    feed.resume();
  };
  return (
    <Card
      title={texts.list}
      note={state.isPaused ? pausedWords(state.waiting) : texts.newestFirst}
      staleBecause={staleBecause(source)}
      aside={
        <Button icon={state.isPaused ? "play" : "pause"} onClick={state.isPaused ? resume : feed.pause}>
          {state.isPaused ? texts.resume : texts.pause}
        </Button>
      }
    >
      {state.isRefused ? (
        <Unusable tone="bad" icon="alert" title={texts.refusedTitle} text={state.error?.message ?? ""} />
      ) : (
      <Faces
        source={source}
        loading={<SkeletonRows rows={10} />}
        isEmpty={(shown) => shown.length === 0 && isUnfiltered(filters)}
        empty={{ title: texts.emptyTitle, text: texts.emptyText }}
      >
        {(shown) =>
          shown.length === 0 ? (
            <Unusable tone="neutral" icon="search" title={texts.noMatchTitle} text={texts.noMatchText} />
          ) : (
            <>
              <EventItems events={shown} late={state.late} onOpen={feed.pause} />
              <OlderEvents
                isAsked={end !== null}
                isLoading={older.isFetching}
                isAtEnd={end !== null && older.isSuccess && !older.hasNextPage}
                error={older.error}
                onMore={showOlder}
              />
            </>
          )
        }
      </Faces>
      )}
    </Card>
  );
}

interface UnusableProps {
  readonly tone: Tone;
  readonly icon: IconName;
  readonly title: string;
  readonly text: string;
}

/** Filters without a match or refused by the API, with a button to remove them. */
function Unusable(words: UnusableProps): ReactNode {
  const [, setSearch] = useSearchParams();
  return (
    <Message
      {...words}
      action={
        <div className="mt-3">
          <Button
            onClick={() => {
              setSearch(withoutEventFilters);
            }}
          >
            {filterTexts.clear}
          </Button>
        </div>
      }
    />
  );
}

function pausedWords(waiting: number): string {
  return waiting === 0 ? texts.paused : texts.pausedWith(formatCount(waiting));
}
