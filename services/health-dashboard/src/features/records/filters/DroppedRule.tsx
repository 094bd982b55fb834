/** The events that one rule would drop. */
import { EntityLink } from "@/components/links/EntityLink";
import { serverClock } from "@/lib/serverClock";
import { filterTexts as texts } from "@/texts/records";
import type { DroppedByRule } from "@/types/api";
import { describeEvent } from "@/utils/format/describeEvent";
import { formatCount, formatPercent } from "@/utils/format/formatNumber";
import { formatSecond } from "@/utils/format/formatTime";
import type { ReactNode } from "react";

interface DroppedRuleProps {
  readonly dropped: DroppedByRule;
  readonly events: number;
}

const LABEL = "text-xs font-medium text-ink-faint";

export function DroppedRule({ dropped, events }: DroppedRuleProps): ReactNode {
  const nowMs = serverClock.now();
  return (
    <li className="space-y-3 rounded-lg border border-line p-4">
      <p className="flex flex-wrap items-baseline justify-between gap-x-4 text-sm">
        <span className="font-medium">{texts.rules[dropped.rule]}</span>
        <span className="tabular-nums">
          {texts.events(dropped.count)} <span className="text-ink-faint">{formatPercent((100 * dropped.count) / events)}</span>
        </span>
      </p>
      <div className="grid gap-4 md:grid-cols-2">
        <div>
          <p className={LABEL}>{texts.most}</p>
          <ul className="mt-1 space-y-1 text-sm">
            {dropped.busiest.map(({ name, friendly_name, count }) => (
              <li key={name} className="flex justify-between gap-3">
                {name.includes(".") ? <EntityLink entityId={name} name={friendly_name} /> : <code className="truncate text-xs">{name}</code>}
                <span className="text-ink-soft tabular-nums">{formatCount(count)}</span>
              </li>
            ))}
          </ul>
        </div>
        <div>
          <p className={LABEL}>{texts.newest}</p>
          <ul className="mt-1 space-y-1 text-sm">
            {dropped.examples.map((event) => {
              const words = describeEvent(event);
              return (
                <li key={event.id} className="flex justify-between gap-3">
                  <bdi className="truncate">
                    {words.title}: {words.from !== null && `${words.from} → `}
                    {words.to} {words.unit}
                  </bdi>
                  <time dateTime={event.time} className="text-xs whitespace-nowrap text-ink-faint">
                    {formatSecond(Date.parse(event.time), nowMs)}
                  </time>
                </li>
              );
            })}
          </ul>
        </div>
      </div>
    </li>
  );
}
