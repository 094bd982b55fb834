/** One alert: how urgent, what it says, since when, what to do, and that somebody knows of it. */
import { Badge } from "@/components/Badge";
import { Button } from "@/components/Button";
import { RunbookLink } from "@/components/RunbookLink";
import { LEVEL_TONE, markWords, ruleWords } from "@/features/alerts/describeAlert";
import { askToSignIn } from "@/lib/access";
import type { Alert } from "@/types/api";
import { formatAge, formatExact } from "@/utils/formatTime";
import type { ReactNode } from "react";

interface AlertRowProps {
  readonly alert: Alert;
  readonly nowMs: number;
  /** null: not known yet. */
  readonly mayAcknowledge: boolean | null;
  readonly onAcknowledge: () => void;
}

export function AlertRow({ alert, nowMs, mayAcknowledge, onAcknowledge }: AlertRowProps): ReactNode {
  const sinceMs = Date.parse(alert.since);
  const words = ruleWords(alert.rule);
  const marks = markWords(alert, nowMs);
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-3">
      <span className="w-24">
        <Badge tone={LEVEL_TONE[alert.level]} icon="alert">
          {alert.level}
        </Badge>
      </span>
      <div className="min-w-0 flex-1 basis-72">
        <bdi className="block text-sm break-words">{alert.message}</bdi>
        <p className="text-xs text-ink-faint">
          {words} · {alert.service} · for{" "}
          <time dateTime={alert.since} title={formatExact(sinceMs)}>
            {formatAge(nowMs - sinceMs)}
          </time>
          {marks !== "" && ` · ${marks}`}
        </p>
      </div>
      <RunbookLink runbook={alert.runbook} about={words} />
      {alert.acknowledged === null && mayAcknowledge === false && (
        <Button onClick={askToSignIn}>
          Sign in <span className="sr-only">to acknowledge {words}, {alert.service}</span>
        </Button>
      )}
      {alert.acknowledged === null && mayAcknowledge === true && (
        <Button icon="check" onClick={onAcknowledge}>
          Acknowledge <span className="sr-only">{words}, {alert.service}</span>
        </Button>
      )}
    </li>
  );
}
