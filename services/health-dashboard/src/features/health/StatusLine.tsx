/** The first thing to read: is it healthy, and if not, what is wrong and what to do. */
import { Icon } from "@/components/Icon";
import { RunbookLink } from "@/components/RunbookLink";
import { TONE_SOFT } from "@/components/tones";
import type { HealthWords } from "@/features/health/describeHealth";
import type { ReactNode } from "react";

interface StatusLineProps {
  readonly words: HealthWords;
  /** Said when nothing is wrong. */
  readonly reassurance: string;
}

export function StatusLine({ words, reassurance }: StatusLineProps): ReactNode {
  const { tone, headline, problems } = words;
  return (
    <div role="status" className="flex min-h-11 flex-1 basis-80 items-start gap-3">
      <span className={`grid size-11 shrink-0 place-items-center rounded-xl ${TONE_SOFT[tone]}`}>
        <Icon name={tone === "good" ? "check" : tone === "neutral" ? "clock" : "alert"} className="size-5" />
      </span>
      <div>
        <h1 className="text-lg leading-6 font-semibold tracking-tight">{headline}</h1>
        {tone === "good" && <p className="text-sm text-ink-soft">{reassurance}</p>}
        {problems.map(({ text, runbook }) => (
          <p key={text} className="text-sm break-words text-ink-soft">
            {text}
            {runbook !== null && (
              <>
                {" "}
                <RunbookLink runbook={runbook} about={headline} />
              </>
            )}
          </p>
        ))}
      </div>
    </div>
  );
}
