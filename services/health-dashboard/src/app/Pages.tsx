/** The page of the current address within the layout, with its own frame and document title. */
import { Layout } from "@/app/Layout";
import { PageFrame } from "@/app/PageFrame";
import { NotFoundPage } from "@/app/pages/NotFoundPage";
import { ROUTES } from "@/app/routes";
import { useLocation } from "@/hooks/address/useLocation";
import { matchPath } from "@/lib/matchPath";
import { navigationTexts } from "@/texts/navigation";
import type { ReactNode } from "react";

export function Pages(): ReactNode {
  const { pathname } = useLocation();
  return <Layout>{pageAt(pathname === "/index.html" ? "/" : pathname)}</Layout>;
}

function pageAt(pathname: string): ReactNode {
  for (const { path, name, Page } of ROUTES) {
    const params = matchPath(path, pathname);
    if (params === null) continue;
    return (
      <PageFrame key={pathname}>
        {name !== "entity" && <title>{`${navigationTexts[name]} · HA Ingestor`}</title>}
        <Page params={params} />
      </PageFrame>
    );
  }
  return <NotFoundPage />;
}
