/** A titled part of the page. While its data is stale, it is greyed and shows the time of the data. */
import { freshness } from "@/lib/freshness";
import { serverClock } from "@/lib/serverClock";
import { AsOfContext } from "@/hooks/useAsOf";
import { useStore } from "@/hooks/useStore";
import { FACES } from "@/texts/faces";
import { formatSecond } from "@/utils/format/formatTime";
import type { Stale } from "@/utils/time/staleBecause";
import { useId, type ReactNode } from "react";

interface CardProps {
  readonly title: string;
  readonly note?: ReactNode;
  readonly aside?: ReactNode;
  /** Pass it, even if undefined, for every card with fetched data: it is also greyed during an outage of the API. */
  readonly staleBecause?: Stale | undefined;
  readonly className?: string;
  readonly children: ReactNode;
}

export function Card(props: CardProps): ReactNode {
  const { title, note, aside, staleBecause, className = "", children } = props;
  const id = useId();
  const { asOfMs, hasBanner } = useStore(freshness, (state) => state);
  const isStale = staleBecause !== undefined || (asOfMs !== null && "staleBecause" in props);
  const staleMs = staleBecause?.asOfMs ?? asOfMs;
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
          {note !== undefined && !isStale && <span className="truncate text-xs text-ink-faint">{note}</span>}
          {isStale && <AsOf ms={staleMs} reason={hasBanner ? undefined : staleBecause?.reason} />}
        </div>
        {aside}
      </header>
      <div className={`flex-1 ${isStale ? "is-stale" : ""}`}>
        <AsOfContext value={isStale ? staleMs : null}>{children}</AsOfContext>
      </div>
    </section>
  );
}

function AsOf({ ms, reason }: { readonly ms: number | null; readonly reason: string | undefined }): ReactNode {
  return (
    <span className="text-xs whitespace-nowrap text-ink-faint" title={reason}>
      {ms === null ? FACES.notCurrent : FACES.asOf(formatSecond(ms, serverClock.now()))}
      {reason !== undefined && <span className="sr-only">: {reason}</span>}
    </span>
  );
}
