/** The newest events of an entity. */
import { useEntityEvents } from "@/api/entities/getEntityEvents";
import { Card } from "@/components/layout/Card";
import { Faces } from "@/components/signs/Faces";
import { Link } from "@/components/links/Link";
import { SkeletonRows } from "@/components/layout/SkeletonRows";
import { EventList } from "@/features/events/EventList";
import { entityTexts as texts } from "@/texts/entities";
import type { EntityAnswer } from "@/types/api";
import { asLoadable } from "@/utils/asLoadable";
import { staleBecause } from "@/utils/time/staleBecause";
import type { ReactNode } from "react";

export function EntityEventsCard({ entity }: { readonly entity: EntityAnswer }): ReactNode {
  const events = asLoadable(useEntityEvents(entity.entity_id, entity.home));
  return (
    <Card
      title={texts.events}
      staleBecause={staleBecause(events)}
      aside={
        <Link
          to={`/events?${new URLSearchParams({ entity_id: entity.entity_id }).toString()}`}
          className="text-xs font-medium whitespace-nowrap text-accent underline-offset-2 hover:underline"
        >
          {texts.allEvents}
        </Link>
      }
    >
      <div className="min-h-48">
        <Faces source={events} loading={<SkeletonRows rows={5} />} isEmpty={(answer) => answer.events.length === 0} empty={texts.noEvents}>
          {(answer) => <EventList events={answer.events} />}
        </Faces>
      </div>
    </Card>
  );
}
