/** What needs a person. */
import { useAlerts } from "@/api/getAlerts";
import { PageHeading } from "@/components/PageHeading";
import { AlertsCard } from "@/features/alerts/AlertsCard";
import { navigationTexts } from "@/texts/navigation";
import { asLoadable } from "@/utils/asLoadable";
import type { ReactNode } from "react";

export function AlertsPage(): ReactNode {
  const alerts = asLoadable(useAlerts());
  return (
    <>
      <PageHeading title={navigationTexts.alerts} />
      <AlertsCard alerts={alerts} />
    </>
  );
}
