/** A titled part of the page; greyed, with the time of its data, while what it shows is not current. */
import { freshness } from "@/lib/freshness";
import { serverClock } from "@/lib/serverClock";
import { useStore } from "@/hooks/useStore";
import { formatSecond } from "@/utils/formatTime";
import type { Stale } from "@/utils/staleBecause";
import { useId, type ReactNode } from "react";

interface CardProps {
  readonly title: string;
  readonly note?: ReactNode;
  readonly aside?: ReactNode;
  readonly staleBecause?: Stale | undefined;
  readonly className?: string;
  readonly children: ReactNode;
}

export function Card({ title, note, aside, staleBecause, className = "", children }: CardProps): ReactNode {
  const id = useId();
  const stale = staleBecause !== undefined;
  return (
    <section
      aria-labelledby={id}
      className={`relative flex flex-col overflow-hidden rounded-xl border border-line bg-surface shadow-card ${className}`}
    >
      <header className="flex min-h-14 items-center gap-3 border-b border-line px-5 py-2">
        <div className="flex flex-1 flex-wrap items-baseline gap-x-2.5">
          <h2 id={id} className="text-sm font-semibold">
            {title}
          </h2>
          {note !== undefined && !stale && <span className="truncate text-xs text-ink-faint">{note}</span>}
          {stale && <AsOf stale={staleBecause} />}
        </div>
        {aside}
      </header>
      <div className={`flex-1 ${stale ? "is-stale" : ""}`}>{children}</div>
    </section>
  );
}

function AsOf({ stale: { asOfMs, reason } }: { readonly stale: Stale }): ReactNode {
  const hasBanner = useStore(freshness, (state) => state.hasBanner);
  return (
    <span className="text-xs whitespace-nowrap text-ink-faint" title={hasBanner ? undefined : reason}>
      {asOfMs === null ? "not current" : `as of ${formatSecond(asOfMs, serverClock.now())}`}
      {!hasBanner && <span className="sr-only">: {reason}</span>}
    </span>
  );
}
