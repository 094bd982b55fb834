/** A link to the runbook of a problem or an alert. */
import { runbookUrl } from "@/utils/address/runbookUrl";
import type { ReactNode } from "react";

interface RunbookLinkProps {
  /** A URL, or a path of the API. */
  readonly runbook: string;
  /** The problem or alert, for screen readers. */
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
