/** The latest events as they come, which can be held still for reading. */
import { Button } from "@/components/Button";
import { Card } from "@/components/Card";
import { Faces } from "@/components/Faces";
import { SkeletonRows } from "@/components/SkeletonRows";
import { EventList } from "@/features/events/EventList";
import { useStore } from "@/hooks/useStore";
import type { LiveFeed } from "@/lib/liveFeed";
import { formatCount } from "@/utils/formatNumber";
import { staleBecause } from "@/utils/staleBecause";
import type { ReactNode } from "react";

export function EventsCard({ feed }: { readonly feed: LiveFeed }): ReactNode {
  const state = useStore(feed.store, (whole) => whole);
  const source = {
    data: state.isLoaded ? state.events : undefined,
    error: state.status === "live" && state.isLoaded ? null : state.error,
    retry: feed.refresh,
  };
  return (
    <Card
      title="Latest events"
      note={state.isPaused ? waitingWords(state.waiting) : "newest first"}
      staleBecause={staleBecause(source)}
      aside={<PauseButton feed={feed} isPaused={state.isPaused} />}
    >
      {/* A region that scrolls must be reachable by keyboard, and hold what is positioned within it. */}
      <div role="region" aria-label="Latest events, scrollable" tabIndex={0} className="relative h-[30rem] overflow-y-auto">
        <Faces
          source={source}
          loading={<SkeletonRows rows={10} />}
          isEmpty={(events) => events.length === 0}
          empty={{ title: "Nothing has happened yet", text: "Every change at home appears here within a second." }}
        >
          {(events) => <EventList events={events} />}
        </Faces>
      </div>
    </Card>
  );
}

interface PauseButtonProps {
  readonly feed: LiveFeed;
  readonly isPaused: boolean;
}

function PauseButton({ feed, isPaused }: PauseButtonProps): ReactNode {
  return isPaused ? (
    <Button icon="play" onClick={feed.resume}>
      Resume
    </Button>
  ) : (
    <Button icon="pause" onClick={feed.pause}>
      Pause
    </Button>
  );
}

function waitingWords(waiting: number): string {
  return waiting === 0 ? "paused" : `paused, ${formatCount(waiting)} new`;
}
