/** The parts of a page as links. The open one is in the address. */
import { Link } from "@/components/links/Link";
import { useSearchParams } from "@/hooks/address/useSearchParams";
import { viewAddress } from "@/utils/address/viewAddress";
import { useEffect, useRef, type ReactNode } from "react";

interface ViewTab<View extends string> {
  readonly view: View;
  readonly label: string;
  /** A short figure after the label. */
  readonly count?: ReactNode;
}

interface ViewTabsProps<View extends string> {
  readonly label: string;
  readonly tabs: readonly ViewTab<View>[];
  readonly open: View;
  /** Names of the filters that the parts share. */
  readonly keeps?: readonly string[];
}

const TAB =
  "inline-flex h-9 shrink-0 items-center gap-1.5 border-b-2 border-transparent px-3 text-sm font-medium whitespace-nowrap text-ink-soft " +
  "hover:text-ink aria-[current=page]:border-accent aria-[current=page]:text-ink";

export function ViewTabs<View extends string>({ label, tabs, open, keeps = [] }: ViewTabsProps<View>): ReactNode {
  const [search] = useSearchParams();
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a phone the open tab can be out of view.
    nav.current?.querySelector("[aria-current=page]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [open]);
  return (
    <nav ref={nav} aria-label={label} className="-mx-1 flex overflow-x-auto border-b border-line px-1">
      {tabs.map(({ view, label: words, count }, at) => (
        <Link key={view} to={viewAddress(search, at === 0 ? null : view, keeps)} aria-current={view === open ? "page" : undefined} className={TAB}>
          {words}
          {count !== undefined && <span className="rounded-full bg-raised px-1.5 text-xs text-ink-soft">{count}</span>}
        </Link>
      ))}
    </nav>
  );
}
