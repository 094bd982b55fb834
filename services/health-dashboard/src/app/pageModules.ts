/** The page files, each loaded when it is first needed, or a little before: when a link to it is pointed at. */
export const PAGE_MODULES = {
  flow: () => import("@/app/pages/FlowPage"),
  entities: () => import("@/app/pages/EntitiesPage"),
  entity: () => import("@/app/pages/EntityPage"),
  events: () => import("@/app/pages/EventsPage"),
  services: () => import("@/app/pages/ServicesPage"),
  alerts: () => import("@/app/pages/AlertsPage"),
  records: () => import("@/app/pages/RecordsPage"),
  settings: () => import("@/app/pages/SettingsPage"),
};

export type PageName = "overview" | keyof typeof PAGE_MODULES;

/** Fetch a page's code; a failure shows when the page is opened. */
export function preloadPage(name: PageName): void {
  if (name !== "overview") void PAGE_MODULES[name]().catch(() => undefined);
}
