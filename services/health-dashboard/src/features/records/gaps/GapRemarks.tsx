/** What of a gap could not be recovered and why, with links to the entities that are named. */
import { Link } from "@/components/Link";
import { splitRemark } from "@/features/records/gaps/splitRemark";
import { gapTexts as texts } from "@/texts/records";
import { entityPath } from "@/utils/entityPath";
import type { ReactNode } from "react";

interface GapRemarksProps {
  readonly remarks: readonly string[];
  /** Whether they are what matters about the gap. */
  readonly isOpen: boolean;
}

export function GapRemarks({ remarks, isOpen }: GapRemarksProps): ReactNode {
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
                <Link key={at} to={entityPath(entityId, null)} className="text-accent underline underline-offset-2">
                  {text}
                </Link>
              ),
            )}
          </li>
        ))}
      </ul>
    </details>
  );
}
