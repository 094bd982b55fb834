/** The last warnings and errors of a service, newest first. */
import { flowTexts } from "@/texts/flow";
import type { FlowLogLine } from "@/types/flow";
import { formatExact, formatMoment } from "@/utils/format/formatTime";
import type { ReactNode } from "react";

export function PartLog({ lines, nowMs }: { readonly lines: readonly FlowLogLine[]; readonly nowMs: number }): ReactNode {
  if (lines.length === 0) return <p className="text-sm text-ink-faint">{flowTexts.details.noLog}</p>;
  const newestFirst = lines.toSorted((a, b) => Date.parse(b.time) - Date.parse(a.time));
  return (
    <ol aria-label={flowTexts.details.log} className="max-h-72 space-y-2.5 overflow-y-auto pr-1 text-xs" tabIndex={0}>
      {newestFirst.map(({ time, level, event, message }, at) => (
        <li key={`${time} ${at}`} className="border-l-2 border-line-strong pl-2.5">
          <span className="flex flex-wrap gap-x-2 text-ink-faint">
            <time dateTime={time} title={formatExact(Date.parse(time))}>
              {formatMoment(Date.parse(time), nowMs)}
            </time>
            <span className={level === "warning" ? "text-warn" : "text-bad"}>{level}</span>
            <code className="break-all text-ink">{event}</code>
          </span>
          {message !== "" && <span className="block break-words text-ink-soft">{message}</span>}
        </li>
      ))}
    </ol>
  );
}
