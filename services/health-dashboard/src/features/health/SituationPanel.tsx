/** The situation in words: headline, problems with start and action, and the technical reason on request. */
import { Icon } from "@/components/signs/Icon";
import { Link } from "@/components/links/Link";
import { RunbookLink } from "@/components/links/RunbookLink";
import { TONE_SOFT, type Tone } from "@/components/signs/tones";
import type { Problem, Situation } from "@/features/health/problem";
import { useRunningClock } from "@/hooks/useNow";
import { PANEL } from "@/texts/situation";
import { formatDuration, formatSecond } from "@/utils/format/formatTime";
import type { ReactNode } from "react";

interface SituationPanelProps {
  readonly situation: Situation;
  /** A page has one `h1`: the headline on the overview, the page title elsewhere. */
  readonly heading: "h1" | "h2";
}

export function SituationPanel({ situation, heading: Heading }: SituationPanelProps): ReactNode {
  const { tone, headline, text, problems, isOutage } = situation;
  const [first] = problems;
  return (
    <div
      data-testid="situation"
      className={`flex gap-3.5 sm:gap-4 ${isOutage ? `rounded-xl border p-4 sm:p-5 ${FRAME[tone]}` : ""}`}
    >
      <span className={`grid size-11 shrink-0 place-items-center rounded-xl ${TONE_SOFT[tone]}`}>
        <Icon name={tone === "good" ? "check" : tone === "neutral" || tone === "info" ? "clock" : "alert"} className="size-5" />
      </span>
      <div className="flex-1">
        {/* Announced when it changes; the numbers below change too often to be announced. */}
        <div role="status">
          <Heading className="text-lg leading-6 font-semibold tracking-tight text-balance">{headline}</Heading>
        </div>
        {problems.length < 2 ? (
          <>
            <p className="mt-0.5 text-sm break-words text-ink-soft">
              {text} {first?.since && <Since since={first.since} />}
            </p>
            {first && <WhatToDo problem={first} />}
          </>
        ) : (
          <ul className="mt-1 space-y-2.5">
            {problems.map((problem) => (
              <li key={`${problem.kind} ${problem.text}`} className="text-sm break-words text-ink-soft">
                {problem.headline !== headline && <span className="block font-medium text-ink">{problem.headline}</span>}
                {problem.text} {problem.since && <Since since={problem.since} />}
                <WhatToDo problem={problem} />
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}

const FRAME: Readonly<Record<Tone, string>> = {
  good: "border-line",
  info: "border-line",
  neutral: "border-line",
  warn: "border-warn/40 bg-surface",
  bad: "border-bad/40 bg-surface",
};

function Since({ since: { label, ms } }: { readonly since: NonNullable<Problem["since"]> }): ReactNode {
  const nowMs = useRunningClock();
  return (
    <span>
      {label}{" "}
      <time dateTime={new Date(ms).toISOString()} className="font-medium text-ink">
        {formatSecond(ms, nowMs)}
      </time>
      , {PANEL.ago(formatDuration(nowMs - ms))}.
    </span>
  );
}

function WhatToDo({ problem: { headline, action, runbook, reason, page } }: { readonly problem: Problem }): ReactNode {
  if (action === null && runbook === null && reason === null && page === undefined) return null;
  return (
    <div className="mt-1.5 space-y-1 text-sm break-words">
      {(action !== null || runbook !== null || page !== undefined) && (
        <p className="flex flex-wrap items-baseline gap-x-3 text-ink">
          {action}
          {runbook !== null && <RunbookLink runbook={runbook} about={headline} />}
          {page !== undefined && (
            <Link to={page} className="text-xs font-medium text-accent underline underline-offset-2">
              {PANEL.pages[page]}
            </Link>
          )}
        </p>
      )}
      {reason !== null && (
        <details className="text-xs text-ink-soft">
          <summary className="w-fit cursor-pointer rounded py-1 font-medium">{PANEL.details}</summary>
          <p className="mt-1 rounded-lg bg-raised px-3 py-2 font-mono break-words whitespace-pre-line">{reason}</p>
        </details>
      )}
    </div>
  );
}
