/** One entry of the navigation. It keeps the period of the current page. */
import { preloadPage, type PageName } from "@/app/pageModules";
import { Link } from "@/components/links/Link";
import { Icon, type IconName } from "@/components/signs/Icon";
import { useLocation } from "@/hooks/address/useLocation";
import { usePeriod } from "@/hooks/address/usePeriod";
import { navigationTexts } from "@/texts/navigation";
import { withTimeChoice } from "@/utils/time/timeChoice";
import type { ReactNode } from "react";

interface NavigationLinkProps {
  readonly path: string;
  readonly name: PageName;
  readonly label: string;
  readonly icon: IconName;
  /** Number of active alerts shown at the entry. */
  readonly count: number;
}

export function NavigationLink({ path, name, label, icon, count }: NavigationLinkProps): ReactNode {
  const [choice] = usePeriod();
  const { pathname } = useLocation();
  const isActive = pathname === path || (path !== "/" && pathname.startsWith(`${path}/`));
  const search = withTimeChoice(new URLSearchParams(), choice).toString();
  const preload = () => {
    preloadPage(name);
  };
  return (
    <Link
      to={search === "" ? path : `${path}?${search}`}
      aria-current={isActive ? "page" : undefined}
      onPointerEnter={preload}
      onFocus={preload}
      className={
        "relative flex flex-col items-center gap-1 rounded-lg px-1 py-1.5 text-2xs font-medium transition-colors " +
        "xl:flex-row xl:gap-3 xl:px-3 xl:py-2 xl:text-sm " +
        (isActive ? "bg-accent-soft text-accent" : "text-ink-soft hover:bg-raised hover:text-ink")
      }
    >
      <Icon name={icon} className="size-5" />
      {label}
      {count > 0 && (
        <span className="absolute top-0.5 left-1/2 ml-1 rounded-full bg-bad-soft px-1.5 text-2xs text-bad xl:static xl:ml-auto">
          <span aria-hidden="true">{count}</span>
          <span className="sr-only">{navigationTexts.activeAlerts(count)}</span>
        </span>
      )}
    </Link>
  );
}
