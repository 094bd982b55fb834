/** What happens at home, as it happens. */
import { PageHeading } from "@/components/PageHeading";
import { EventsCard } from "@/features/events/EventsCard";
import { useLiveFeed } from "@/hooks/useLiveFeed";
import { navigationTexts } from "@/texts/navigation";
import type { ReactNode } from "react";

export function EventsPage(): ReactNode {
  const feed = useLiveFeed();
  return (
    <>
      <PageHeading title={navigationTexts.events} />
      <EventsCard feed={feed} />
    </>
  );
}
