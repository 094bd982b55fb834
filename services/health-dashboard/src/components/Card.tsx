/** A titled part of the page; says so in its heading when what it shows is no longer fresh. */
import { Badge } from "@/components/Badge";
import { useId, type ReactNode } from "react";

interface CardProps {
  readonly title: string;
  readonly note?: ReactNode;
  readonly aside?: ReactNode;
  readonly staleBecause?: string | undefined;
  readonly className?: string;
  readonly children: ReactNode;
}

export function Card({ title, note, aside, staleBecause, className = "", children }: CardProps): ReactNode {
  const id = useId();
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
          {note !== undefined && <span className="truncate text-xs text-ink-faint">{note}</span>}
        </div>
        {staleBecause !== undefined && (
          <Badge tone="warn" icon="alert" title={staleBecause}>
            Not updating
          </Badge>
        )}
        {aside}
      </header>
      <div className="flex-1">{children}</div>
    </section>
  );
}
