/** The configuration, tokens and sessions. */
import { PageHeading } from "@/components/PageHeading";
import { navigationTexts } from "@/texts/navigation";
import type { ReactNode } from "react";

export function SettingsPage(): ReactNode {
  return <PageHeading title={navigationTexts.settings} />;
}
