/** The data flow with live rates. */
import { useTopology } from "@/api/system/getTopology";
import { PageHeading } from "@/components/layout/PageHeading";
import { FlowCard } from "@/features/flow/FlowCard";
import { useLiveFeed } from "@/hooks/useLiveFeed";
import { useStore } from "@/hooks/useStore";
import { navigationTexts } from "@/texts/navigation";
import { asLoadable } from "@/utils/asLoadable";
import { withLiveRate } from "@/utils/flow/liveRates";
import { useMemo, type ReactNode } from "react";

export function FlowPage(): ReactNode {
  const feed = useLiveFeed();
  const topology = asLoadable(useTopology());
  const lastMinute = useStore(feed.store, ({ statistics }) => statistics?.last_minute ?? null);
  const { data } = topology;
  const live = useMemo(() => data && withLiveRate(data, lastMinute), [data, lastMinute]);
  return (
    <>
      <PageHeading title={navigationTexts.flow} />
      <FlowCard topology={{ ...topology, data: live }} isLive={live !== data} />
    </>
  );
}
