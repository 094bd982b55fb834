/** The heading of a page, with its controls beside it. */
import type { ReactNode } from "react";

interface PageHeadingProps {
  readonly title: ReactNode;
  readonly note?: ReactNode;
  readonly aside?: ReactNode;
}

export function PageHeading({ title, note, aside }: PageHeadingProps): ReactNode {
  return (
    <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
      <div className="min-w-0">
        <h1 className="text-lg leading-7 font-semibold tracking-tight break-words">{title}</h1>
        {note !== undefined && <p className="text-sm text-ink-soft">{note}</p>}
      </div>
      {aside}
    </div>
  );
}
