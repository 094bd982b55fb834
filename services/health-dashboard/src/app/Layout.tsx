/** The frame of every page: header, navigation, and the page with its own error boundary. */
import { useAlerts } from "@/api/alerts/getAlerts";
import { useHealth } from "@/api/system/getHealth";
import { Banner } from "@/app/Banner";
import { Header } from "@/app/Header";
import { Navigation } from "@/app/Navigation";
import { SituationKeeper } from "@/app/SituationKeeper";
import { SeveralHomesContext } from "@/hooks/useHasSeveralHomes";
import { useLocation } from "@/hooks/address/useLocation";
import { navigationTexts } from "@/texts/navigation";
import { useEffect, useRef, type ReactNode } from "react";

export function Layout({ children }: { readonly children: ReactNode }): ReactNode {
  const health = useHealth();
  const alerts = useAlerts();
  const main = useRef<HTMLElement>(null);
  useNewPage(main);
  return (
    <SeveralHomesContext value={(health.data?.homes.length ?? 0) > 1}>
      {/* Not a link to #content: with a `<base>` element it would lead to another page. */}
      <button
        type="button"
        className="sr-only z-30 rounded-lg bg-surface px-4 py-2 text-sm focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
        onClick={() => {
          main.current?.focus();
        }}
      >
        {navigationTexts.skip}
      </button>
      <SituationKeeper />
      <div className="md:flex">
        <Navigation activeAlerts={alerts.data?.length ?? 0} />
        <div className="min-w-0 flex-1">
          <Header home={health.data?.home ?? null} homes={health.data?.homes.length ?? 0} />
          <main
            ref={main}
            tabIndex={-1}
            className="mx-auto max-w-7xl space-y-4 px-4 py-5 outline-none max-md:pb-24 sm:px-6 sm:py-6"
          >
            <Banner />
            {children}
          </main>
        </div>
      </div>
    </SeveralHomesContext>
  );
}

/** After a navigation, scroll to the top and move the focus to the new page. */
function useNewPage(main: { readonly current: HTMLElement | null }): void {
  const { pathname, isPush } = useLocation();
  const shown = useRef(pathname);
  useEffect(() => {
    if (shown.current === pathname) return;
    shown.current = pathname;
    if (!isPush) return;
    window.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [pathname, isPush, main]);
}
