/** One alert of the history: message, start, end and acknowledgement. */
import { Badge } from "@/components/signs/Badge";
import { RunbookLink } from "@/components/links/RunbookLink";
import { LEVEL_TONE, ruleWords } from "@/features/alerts/describeAlert";
import { alertsTexts } from "@/texts/alerts";
import { alertsPageTexts as texts } from "@/texts/alertsPage";
import type { Alert } from "@/types/api";
import { formatDuration, formatExact, formatSecond } from "@/utils/format/formatTime";
import { serviceName } from "@/utils/format/serviceName";
import type { ReactNode } from "react";

export function HistoryRow({ alert, nowMs }: { readonly alert: Alert; readonly nowMs: number }): ReactNode {
  const firedMs = Date.parse(alert.timestamp);
  const acknowledged =
    alert.acknowledged === null
      ? texts.notAcknowledged
      : alertsTexts.acknowledgedAt(formatSecond(Date.parse(alert.acknowledged), nowMs), alert.acknowledged_by);
  return (
    <li className="grid gap-x-4 gap-y-2 px-5 py-3.5 sm:grid-cols-[6rem_1fr_auto]">
      <div>
        <Badge tone={alert.cleared === null ? LEVEL_TONE[alert.level] : "neutral"} icon={alert.cleared === null ? "alert" : "check"}>
          {alertsTexts.levels[alert.level]}
        </Badge>
      </div>
      <div className="space-y-0.5">
        <bdi className="block text-sm break-words">{alert.message}</bdi>
        <p className="text-xs text-ink-soft">
          <time dateTime={alert.timestamp} title={formatExact(firedMs)}>
            {timesWords(alert, firedMs, nowMs)}
          </time>
        </p>
        <p className="text-xs text-ink-faint">
          {ruleWords(alert.rule)} · {serviceName(alert.service)} · {acknowledged}
        </p>
      </div>
      <div>
        <RunbookLink runbook={alert.runbook} about={ruleWords(alert.rule)} />
      </div>
    </li>
  );
}

function timesWords({ cleared, since }: Alert, firedMs: number, nowMs: number): string {
  const fired = formatSecond(firedMs, nowMs);
  if (cleared === null) return texts.firedStillActive(fired);
  const clearedMs = Date.parse(cleared);
  return texts.firedAndResolved(fired, formatSecond(clearedMs, nowMs), formatDuration(clearedMs - Date.parse(since)));
}
