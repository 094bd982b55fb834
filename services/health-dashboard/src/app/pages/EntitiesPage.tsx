/** All entities, with search and filters. */
import { PageHeading } from "@/components/layout/PageHeading";
import { EntitiesCard } from "@/features/entities/EntitiesCard";
import { entitiesTexts } from "@/texts/entities";
import { navigationTexts } from "@/texts/navigation";
import type { ReactNode } from "react";

export function EntitiesPage(): ReactNode {
  return (
    <>
      <PageHeading title={navigationTexts.entities} note={entitiesTexts.note} />
      <EntitiesCard />
    </>
  );
}
