/** The routes within the layout; each page has its own frame, and its title (an entity's page names the entity). */
import { Layout } from "@/app/Layout";
import { PageFrame } from "@/app/PageFrame";
import { NotFoundPage } from "@/app/pages/NotFoundPage";
import { ROUTES } from "@/app/routes";
import { basePath } from "@/lib/basePath";
import { navigationTexts } from "@/texts/navigation";
import type { ReactNode } from "react";
import { BrowserRouter, Navigate, Route, Routes } from "react-router";

export function Pages(): ReactNode {
  return (
    <BrowserRouter basename={basePath()}>
      <Routes>
        <Route element={<Layout />}>
          {ROUTES.map(({ path, name, Page }) => (
            <Route
              key={path}
              path={path}
              element={
                <PageFrame key={path}>
                  {name !== "entity" && <title>{`${navigationTexts[name]} · HA Ingestor`}</title>}
                  <Page />
                </PageFrame>
              }
            />
          ))}
          <Route path="index.html" element={<Navigate to="/" replace />} />
          <Route path="*" element={<NotFoundPage />} />
        </Route>
      </Routes>
    </BrowserRouter>
  );
}
