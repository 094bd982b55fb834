/** The newest events, with a link to all events. */
import { Card } from "@/components/layout/Card";
import { Faces } from "@/components/signs/Faces";
import { Link } from "@/components/links/Link";
import { SkeletonRows } from "@/components/layout/SkeletonRows";
import { EventList } from "@/features/events/EventList";
import { useThrottledStore } from "@/hooks/useThrottledStore";
import type { LiveFeed } from "@/lib/liveFeed";
import { latestTexts as texts, overviewTexts } from "@/texts/overview";
import { staleBecause } from "@/utils/time/staleBecause";
import type { ReactNode } from "react";

const HOW_MANY = 8;
const EVERY_MS = 1_000;

export function LatestCard({ feed }: { readonly feed: LiveFeed }): ReactNode {
  const { status, isLoaded, error, events, updatedMs } = useThrottledStore(feed.store, EVERY_MS);
  const source = { data: isLoaded ? events : undefined, error: status === "live" && isLoaded ? null : error, updatedMs, retry: feed.refresh };
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
          {(found) => <EventList events={found} most={HOW_MANY} />}
        </Faces>
      </div>
    </Card>
  );
}
