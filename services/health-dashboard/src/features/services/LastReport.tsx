/** The time of a service's last report, highlighted if it is overdue. */
import { Badge } from "@/components/signs/Badge";
import { useNow } from "@/hooks/useNow";
import { servicesTexts as texts } from "@/texts/services";
import { formatAgo, formatExact } from "@/utils/format/formatTime";
import type { ReactNode } from "react";

/** Services report every 10 s; four missing reports are not an accident. */
const SILENT_AFTER_MS = 45_000;

interface LastReportProps {
  readonly lastSeen: string | null;
  /** Whether the time range ends now; only then a report can be missing. */
  readonly isCurrent: boolean;
}

export function LastReport({ lastSeen, isCurrent }: LastReportProps): ReactNode {
  const nowMs = useNow();
  if (lastSeen === null) return <Badge tone="warn">{texts.noReport}</Badge>;
  const seenMs = Date.parse(lastSeen);
  const words = texts.lastReport(formatAgo(nowMs - seenMs));
  if (isCurrent && nowMs - seenMs > SILENT_AFTER_MS) return <Badge tone="warn" icon="alert">{words}</Badge>;
  return (
    <time dateTime={lastSeen} title={formatExact(seenMs)} className="text-xs whitespace-nowrap text-ink-faint">
      {words}
    </time>
  );
}
