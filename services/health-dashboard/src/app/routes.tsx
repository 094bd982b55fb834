/**
 * The routes. admin_api/http/static_files.py and nginx.conf serve index.html at each of them. The first page is not loaded lazily, which saves one request.
 */
import { PAGE_MODULES, type PageName } from "@/app/pageModules";
import { OverviewPage } from "@/app/pages/OverviewPage";
import { lazy, type ComponentType } from "react";

interface PageRoute {
  readonly path: string;
  readonly name: PageName;
  readonly Page: ComponentType<{ readonly params: Readonly<Record<string, string>> }>;
}

export const ROUTES: readonly PageRoute[] = [
  { path: "/", name: "overview", Page: OverviewPage },
  { path: "flow", name: "flow", Page: lazy(async () => ({ default: (await PAGE_MODULES.flow()).FlowPage })) },
  { path: "entities", name: "entities", Page: lazy(async () => ({ default: (await PAGE_MODULES.entities()).EntitiesPage })) },
  { path: "entities/:entityId", name: "entity", Page: lazy(async () => ({ default: (await PAGE_MODULES.entity()).EntityPage })) },
  { path: "events", name: "events", Page: lazy(async () => ({ default: (await PAGE_MODULES.events()).EventsPage })) },
  { path: "services", name: "services", Page: lazy(async () => ({ default: (await PAGE_MODULES.services()).ServicesPage })) },
  { path: "alerts", name: "alerts", Page: lazy(async () => ({ default: (await PAGE_MODULES.alerts()).AlertsPage })) },
  { path: "records", name: "records", Page: lazy(async () => ({ default: (await PAGE_MODULES.records()).RecordsPage })) },
  { path: "settings", name: "settings", Page: lazy(async () => ({ default: (await PAGE_MODULES.settings()).SettingsPage })) },
];
