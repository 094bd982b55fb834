/** One entry of the audit log: action, name, time, address and result. */
import { Badge } from "@/components/signs/Badge";
import { actionWords } from "@/features/settings/audit/actionWords";
import { auditTexts as texts } from "@/texts/settings";
import type { AuditEntry } from "@/types/api";
import { formatExact, formatSecond } from "@/utils/format/formatTime";
import type { ReactNode } from "react";

export function AuditRow({ entry, nowMs }: { readonly entry: AuditEntry; readonly nowMs: number }): ReactNode {
  const ms = Date.parse(entry.time);
  const isDone = entry.status < 400;
  const words = actionWords(entry.action);
  return (
    <li className="grid gap-x-4 gap-y-1 px-5 py-2.5 sm:grid-cols-[9rem_1fr_auto]">
      <time dateTime={entry.time} title={formatExact(ms)} className="text-xs text-ink-faint sm:pt-0.5">
        {formatSecond(ms, nowMs)}
      </time>
      <div className="space-y-0.5">
        <p className="text-sm [overflow-wrap:anywhere]">
          {words} {words !== entry.action && <code className="text-xs text-ink-faint">{entry.action}</code>}
        </p>
        <p className="text-xs text-ink-soft [overflow-wrap:anywhere]">
          <bdi>{entry.who}</bdi>
          {entry.address !== "" && ` · ${entry.address}`}
        </p>
        {Object.keys(entry.detail).length > 0 && (
          <details className="text-xs">
            <summary className="cursor-pointer text-ink-faint hover:text-ink">{texts.detail}</summary>
            <pre className="mt-1 overflow-x-auto rounded-md bg-raised p-2 font-mono whitespace-pre-wrap [overflow-wrap:anywhere]">
              {JSON.stringify(entry.detail, null, 2)}
            </pre>
          </details>
        )}
      </div>
      <div>
        <Badge tone={isDone ? "good" : "warn"}>{isDone ? texts.done : texts.refused(entry.status)}</Badge>
      </div>
    </li>
  );
}
