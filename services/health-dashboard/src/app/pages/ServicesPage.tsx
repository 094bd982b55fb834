/** How each service does over a period. */
import { useStats } from "@/api/getStats";
import { PageHeading } from "@/components/PageHeading";
import { PeriodControl } from "@/components/PeriodControl/PeriodControl";
import { ServicesCard } from "@/features/services/ServicesCard";
import { usePeriod } from "@/hooks/usePeriod";
import { navigationTexts } from "@/texts/navigation";
import { asLoadable } from "@/utils/asLoadable";
import type { ReactNode } from "react";

export function ServicesPage(): ReactNode {
  const [time] = usePeriod();
  const stats = asLoadable(useStats(time));
  return (
    <>
      <PageHeading title={navigationTexts.services} aside={<PeriodControl />} />
      <ServicesCard period={time} stats={stats} />
    </>
  );
}
