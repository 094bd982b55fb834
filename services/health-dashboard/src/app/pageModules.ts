/** The page modules. Each is loaded on first use, or when the pointer is over a link to it. */
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

/** Load the code of a page. A failure is shown when the page is opened. */
export function preloadPage(name: PageName): void {
  if (name !== "overview") void PAGE_MODULES[name]().catch(() => undefined);
}
