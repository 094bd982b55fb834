/** One active alert: level, message, start, runbook and acknowledgement. */
import { Badge } from "@/components/signs/Badge";
import { RunbookLink } from "@/components/links/RunbookLink";
import { LEVEL_TONE, markWords, ruleWords } from "@/features/alerts/describeAlert";
import { alertsTexts as texts } from "@/texts/alerts";
import type { Alert } from "@/types/api";
import { formatDuration, formatExact, formatSecond } from "@/utils/format/formatTime";
import { serviceName } from "@/utils/format/serviceName";
import type { ReactNode } from "react";

interface AlertRowProps {
  readonly alert: Alert;
  readonly nowMs: number;
  /** The rule, if it is shown. */
  readonly rule?: ReactNode;
  /** Buttons for the alert. */
  readonly actions?: ReactNode;
}

export function AlertRow({ alert, nowMs, rule, actions }: AlertRowProps): ReactNode {
  const sinceMs = Date.parse(alert.since);
  const marks = markWords(alert, nowMs);
  return (
    <li className="grid gap-x-4 gap-y-2 px-5 py-3.5 sm:grid-cols-[6rem_1fr_auto]">
      <div>
        <Badge tone={LEVEL_TONE[alert.level]} icon="alert">
          {texts.levels[alert.level]}
        </Badge>
      </div>
      <div className="space-y-0.5">
        <bdi className="block text-sm break-words">{alert.message}</bdi>
        <p className="text-xs text-ink-faint">
          {ruleWords(alert.rule)} · {serviceName(alert.service)} ·{" "}
          <time dateTime={alert.since} title={formatExact(sinceMs)}>
            {texts.since(formatSecond(sinceMs, nowMs), formatDuration(nowMs - sinceMs))}
          </time>
          {marks !== "" && ` · ${marks}`}
        </p>
        <div className="flex flex-wrap items-start gap-x-4 gap-y-1 pt-0.5">
          <RunbookLink runbook={alert.runbook} about={ruleWords(alert.rule)} />
          {rule}
        </div>
      </div>
      <div className="flex flex-wrap items-start gap-2 sm:max-w-80 sm:justify-end">{actions}</div>
    </li>
  );
}
