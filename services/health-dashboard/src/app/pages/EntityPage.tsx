/** One entity. */
import { PageHeading } from "@/components/PageHeading";
import { navigationTexts } from "@/texts/navigation";
import type { ReactNode } from "react";

export function EntityPage(): ReactNode {
  return <PageHeading title={navigationTexts.entity} />;
}
