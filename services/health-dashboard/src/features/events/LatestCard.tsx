/** The newest few events, and the way to all of them. */
import { Card } from "@/components/Card";
import { Faces } from "@/components/Faces";
import { Link } from "@/components/Link";
import { SkeletonRows } from "@/components/SkeletonRows";
import { EventList } from "@/features/events/EventList";
import { useStore } from "@/hooks/useStore";
import type { LiveFeed } from "@/lib/liveFeed";
import { latestTexts as texts, overviewTexts } from "@/texts/overview";
import { staleBecause } from "@/utils/staleBecause";
import { useMemo, type ReactNode } from "react";

const HOW_MANY = 8;

export function LatestCard({ feed }: { readonly feed: LiveFeed }): ReactNode {
  const status = useStore(feed.store, (state) => state.status);
  const isLoaded = useStore(feed.store, (state) => state.isLoaded);
  const error = useStore(feed.store, (state) => state.error);
  const events = useStore(feed.store, (state) => state.events);
  const newest = useMemo(() => events.slice(0, HOW_MANY), [events]);
  const source = { data: isLoaded ? newest : undefined, error: status === "live" && isLoaded ? null : error, updatedMs: feed.store.get().updatedMs, retry: feed.refresh };
  return (
    <Card
      title={texts.title}
      staleBecause={staleBecause(source)}
      aside={
        <Link to="/events" className="text-xs font-medium whitespace-nowrap text-accent underline-offset-2 hover:underline">
          {overviewTexts.eventsLink}
        </Link>
      }
    >
      <div className="min-h-80">
        <Faces source={source} loading={<SkeletonRows rows={HOW_MANY} />} isEmpty={(found) => found.length === 0} empty={texts.empty}>
          {(found) => <EventList events={found} />}
        </Faces>
      </div>
    </Card>
  );
}
