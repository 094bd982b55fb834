/** The entries of the navigation, in order. The first ones are in the bar of a phone, the others behind "More". */
import type { PageName } from "@/app/pageModules";
import type { IconName } from "@/components/signs/Icon";
import { navigationTexts } from "@/texts/navigation";

interface NavigationItem {
  readonly path: string;
  readonly name: PageName;
  readonly label: string;
  readonly icon: IconName;
}

export const NAVIGATION_ITEMS: readonly NavigationItem[] = [
  { path: "/", name: "overview", label: navigationTexts.overview, icon: "home" },
  { path: "/events", name: "events", label: navigationTexts.events, icon: "list" },
  { path: "/entities", name: "entities", label: navigationTexts.entities, icon: "tag" },
  { path: "/alerts", name: "alerts", label: navigationTexts.alerts, icon: "alert" },
  { path: "/flow", name: "flow", label: navigationTexts.flow, icon: "flow" },
  { path: "/services", name: "services", label: navigationTexts.services, icon: "pulse" },
  { path: "/records", name: "records", label: navigationTexts.records, icon: "gap" },
  { path: "/settings", name: "settings", label: navigationTexts.settings, icon: "sliders" },
];

export const IN_PHONE_BAR = 4;
