/** Steps through a paged list. The position is in the address, so Back returns to the previous page. */
import { Link } from "@/components/links/Link";
import { useSearchParams } from "@/hooks/address/useSearchParams";
import { pagerTexts } from "@/texts/pager";
import type { ReactNode } from "react";

const STEP = "inline-flex h-8 items-center rounded-lg border border-line-strong bg-surface px-3 text-xs font-medium hover:bg-raised";

interface PagerProps {
  readonly nextCursor: string | null;
  /** Whether the list is sorted by time, newest first; otherwise the labels are first and next page. */
  readonly isByTime?: boolean;
}

export function Pager({ nextCursor, isByTime = true }: PagerProps): ReactNode {
  const [search] = useSearchParams();
  const isFirst = !search.has("cursor");
  if (isFirst && nextCursor === null) return null;
  const address = (cursor: string | null) => {
    const next = new URLSearchParams(search);
    next.delete("cursor");
    if (cursor !== null) next.set("cursor", cursor);
    return `?${next.toString()}`;
  };
  return (
    <nav aria-label={pagerTexts.label} className="flex justify-end gap-2 px-5 py-3">
      {!isFirst && (
        <Link to={address(null)} className={STEP}>
          {isByTime ? pagerTexts.newest : pagerTexts.first}
        </Link>
      )}
      {nextCursor !== null && (
        <Link to={address(nextCursor)} className={STEP}>
          {isByTime ? pagerTexts.older : pagerTexts.next}
        </Link>
      )}
    </nav>
  );
}
