/** A link to the runbook of a problem or an alert. */
import { runbookUrl } from "@/utils/address/runbookUrl";
import type { ReactNode } from "react";

interface RunbookLinkProps {
  /** An address, or a path of the API. */
  readonly runbook: string;
  /** What it is about, for screen readers. */
  readonly about: string;
}

export function RunbookLink({ runbook, about }: RunbookLinkProps): ReactNode {
  return (
    <a
      href={runbookUrl(runbook)}
      target="_blank"
      rel="noreferrer"
      className="text-xs font-medium text-accent underline underline-offset-2"
    >
      What to do <span className="sr-only">about {about} (opens in a new tab)</span>
    </a>
  );
}
