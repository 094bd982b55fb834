/** How the data flows. */
import { PageHeading } from "@/components/PageHeading";
import { navigationTexts } from "@/texts/navigation";
import type { ReactNode } from "react";

export function FlowPage(): ReactNode {
  return <PageHeading title={navigationTexts.flow} />;
}
