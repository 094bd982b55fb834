/** All entities. */
import { PageHeading } from "@/components/PageHeading";
import { navigationTexts } from "@/texts/navigation";
import type { ReactNode } from "react";

export function EntitiesPage(): ReactNode {
  return <PageHeading title={navigationTexts.entities} />;
}
