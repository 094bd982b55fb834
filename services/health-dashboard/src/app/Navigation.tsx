/** The navigation: a rail on wide screens; on phones a bar at the bottom, with further entries behind "More". */
import { IN_PHONE_BAR, NAVIGATION_ITEMS } from "@/app/navigationItems";
import { NavigationLink } from "@/app/NavigationLink";
import { Icon } from "@/components/signs/Icon";
import { useLocation } from "@/hooks/address/useLocation";
import { useMediaQuery } from "@/hooks/browser/useMediaQuery";
import { navigationTexts as texts } from "@/texts/navigation";
import { useEffect, useState, type ReactNode } from "react";

export function Navigation({ activeAlerts }: { readonly activeAlerts: number }): ReactNode {
  const isPhone = useMediaQuery("(max-width: 47.99rem)");
  return isPhone ? <PhoneBar activeAlerts={activeAlerts} /> : <Rail activeAlerts={activeAlerts} />;
}

function Rail({ activeAlerts }: { readonly activeAlerts: number }): ReactNode {
  return (
    <nav aria-label={texts.label} className="sticky top-0 h-dvh w-20 shrink-0 overflow-y-auto border-r border-line bg-surface py-3 xl:w-44">
      <ul className="space-y-1 px-2">
        {NAVIGATION_ITEMS.map((item) => (
          <li key={item.path}>
            <NavigationLink {...item} count={item.name === "alerts" ? activeAlerts : 0} />
          </li>
        ))}
      </ul>
    </nav>
  );
}

function PhoneBar({ activeAlerts }: { readonly activeAlerts: number }): ReactNode {
  const [openAt, setOpenAt] = useState<number | null>(null);
  const { step } = useLocation();
  const isOpen = openAt === step; // following a link closes the menu
  useEffect(() => {
    if (!isOpen) return undefined;
    const close = (event: KeyboardEvent) => {
      if (event.key === "Escape") setOpenAt(null);
    };
    document.addEventListener("keydown", close);
    return () => {
      document.removeEventListener("keydown", close);
    };
  }, [isOpen]);
  const link = (item: (typeof NAVIGATION_ITEMS)[number]) => (
    <li key={item.path} className="flex-1">
      <NavigationLink {...item} count={item.name === "alerts" ? activeAlerts : 0} />
    </li>
  );
  return (
    <nav
      aria-label={texts.label}
      className="fixed inset-x-0 bottom-0 z-20 border-t border-line bg-surface pb-[env(safe-area-inset-bottom)]"
    >
      <ul id="more-pages" hidden={!isOpen} className="flex gap-1 border-b border-line px-1 py-1 not-[[hidden]]:flex">
        {NAVIGATION_ITEMS.slice(IN_PHONE_BAR).map(link)}
      </ul>
      <ul className="flex gap-1 px-1 py-1">
        {NAVIGATION_ITEMS.slice(0, IN_PHONE_BAR).map(link)}
        <li className="flex-1">
          <button
            type="button"
            aria-expanded={isOpen}
            aria-controls="more-pages"
            onClick={() => {
              setOpenAt(isOpen ? null : step);
            }}
            className="flex w-full flex-col items-center gap-1 rounded-lg px-1 py-1.5 text-2xs font-medium text-ink-soft"
          >
            <Icon name="more" className="size-5" />
            {texts.more}
          </button>
        </li>
      </ul>
    </nav>
  );
}
