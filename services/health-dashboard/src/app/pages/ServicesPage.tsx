/** The metrics of each service over time. */
import { useServiceTrends } from "@/api/statistics/getServiceTrends";
import { useStats } from "@/api/statistics/getStats";
import { PageHeading } from "@/components/layout/PageHeading";
import { PeriodControl } from "@/components/controls/PeriodControl/PeriodControl";
import { ServiceCards } from "@/features/services/ServiceCards";
import { usePeriod } from "@/hooks/address/usePeriod";
import { navigationTexts } from "@/texts/navigation";
import { servicesTexts } from "@/texts/services";
import { asLoadable } from "@/utils/asLoadable";
import { isFreeRange } from "@/utils/time/timeChoice";
import type { ReactNode } from "react";

export function ServicesPage(): ReactNode {
  const [time] = usePeriod();
  const stats = useStats(time);
  const trends = asLoadable(useServiceTrends(time));
  return (
    <>
      <PageHeading title={navigationTexts.services} note={servicesTexts.note} aside={<PeriodControl />} />
      <ServiceCards trends={trends} stats={stats.data} isCurrent={!isFreeRange(time)} />
    </>
  );
}
