/** Stored events, updated live; for administrators also the live tap. */
import { endTap } from "@/api/tap/endTap";
import { useHealth } from "@/api/system/getHealth";
import { openTap } from "@/api/tap/openTap";
import { readTap } from "@/api/tap/readTap";
import { PageHeading } from "@/components/layout/PageHeading";
import { ViewTabs } from "@/components/controls/ViewTabs";
import { EventFilterBar } from "@/features/events/EventFilterBar";
import { EventsView } from "@/features/events/EventsView";
import { remainingWords } from "@/features/tap/remainingWords";
import { TapView } from "@/features/tap/TapView";
import { useLiveFeed } from "@/hooks/useLiveFeed";
import { useStore } from "@/hooks/useStore";
import { TapFeed } from "@/lib/tapFeed";
import { eventsTexts as texts } from "@/texts/events";
import { navigationTexts } from "@/texts/navigation";
import { EVENT_FILTERS, EVERY_EVENT } from "@/types/eventFilters";
import { readEventFilters } from "@/utils/address/eventFilters";
import { useEffect, useMemo, useState, type ReactNode } from "react";
import { useSearchParams } from "@/hooks/address/useSearchParams";

const VIEWS = ["events", "tap"] as const;

export function EventsPage(): ReactNode {
  const feed = useLiveFeed();
  const [tap] = useState(() => new TapFeed({ openTap, readTap, endTap }));
  const [search] = useSearchParams();
  const key = search.toString();
  const filters = useMemo(() => readEventFilters(new URLSearchParams(key)), [key]);
  const homes = useHealth().data?.homes.map(({ home }) => home);
  const view = VIEWS.find((each) => each === search.get("view")) ?? "events";
  const events = useStore(feed.store, (state) => state.events);
  const remainingS = useStore(tap.store, (state) => state.remainingS);

  useEffect(() => {
    feed.setFilters(filters);
  }, [feed, filters]);
  useEffect(
    () => () => {
      feed.setFilters(EVERY_EVENT);
      feed.resume();
      tap.stop();
    },
    [feed, tap],
  );

  const tabs = VIEWS.map((each) => ({
    view: each,
    label: texts[each],
    ...(each === "tap" && remainingS !== null && { count: remainingWords(remainingS) }),
  }));
  return (
    <>
      <PageHeading title={navigationTexts.events} note={texts.note} />
      <ViewTabs label={texts.views} tabs={tabs} open={view} keeps={EVENT_FILTERS} />
      <EventFilterBar filters={filters} homes={homes ?? []} events={events} />
      {view === "events" ? <EventsView key={key} feed={feed} filters={filters} /> : <TapView feed={tap} filters={filters} />}
    </>
  );
}
