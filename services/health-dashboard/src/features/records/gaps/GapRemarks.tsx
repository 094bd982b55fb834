/** What could not be recovered of a gap and why, with links to the named entities. */
import { Link } from "@/components/links/Link";
import { splitRemark } from "@/features/records/gaps/splitRemark";
import { gapTexts as texts } from "@/texts/records";
import { entityPath } from "@/utils/address/entityPath";
import type { ReactNode } from "react";

interface GapRemarksProps {
  readonly remarks: readonly string[];
  /** The known friendly names of the named entities. */
  readonly names: Readonly<Record<string, string>>;
  /** Whether the list is open at first. */
  readonly isOpen: boolean;
}

export function GapRemarks({ remarks, names, isOpen }: GapRemarksProps): ReactNode {
  if (remarks.length === 0) return null;
  return (
    <details open={isOpen} className="text-xs text-ink-soft">
      <summary className="cursor-pointer py-0.5 text-ink-faint hover:text-ink">{texts.lost(remarks.length)}</summary>
      <ul aria-label={texts.lost(1)} className="mt-1 list-disc space-y-1 pl-4">
        {remarks.map((remark) => (
          <li key={remark} className="[overflow-wrap:anywhere]">
            {splitRemark(remark).map(({ text, entityId }, at) =>
              entityId === null ? (
                <span key={at}>{text}</span>
              ) : (
                <span key={at}>
                  <Link to={entityPath(entityId, null)} title={entityId} className="text-accent underline underline-offset-2">
                    <bdi>{names[entityId] ?? entityId}</bdi>
                  </Link>
                  {names[entityId] !== undefined && <span className="text-ink-faint"> ({entityId})</span>}
                </span>
              ),
            )}
          </li>
        ))}
      </ul>
    </details>
  );
}
