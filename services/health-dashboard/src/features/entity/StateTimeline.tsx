/** States over time as a band of spans, with a table below. */
import { distinctStates, type StateSpan } from "@/features/entity/stateSpans";
import { entityTexts as texts } from "@/texts/entities";
import { formatDuration, formatExact, formatMoment, formatSecond } from "@/utils/format/formatTime";
import { stateText } from "@/utils/format/stateText";
import type { ReactNode } from "react";

const MOST_ROWS = 50;
const COLOURS = ["text-accent", "text-good", "text-warn", "text-ink-soft", "text-bad", "text-ink-faint"];
/** Home Assistant's states without a value, and its inactive states: drawn in quiet colours. */
const UNKNOWN = new Set<string | null>(["unavailable", "unknown", null]);
const QUIET = new Set<string | null>(["off", "closed", "not_home", "idle", "standby", "locked"]);

interface StateTimelineProps {
  readonly spans: readonly StateSpan[];
  readonly startMs: number;
  readonly endMs: number;
}

export function StateTimeline({ spans, startMs, endMs }: StateTimelineProps): ReactNode {
  const colours = coloursOf(distinctStates(spans));
  const share = (fromMs: number, toMs: number) => (100 * (toMs - fromMs)) / (endMs - startMs);
  return (
    <div className="space-y-3 px-5 py-4">
      <div aria-hidden="true">
        <svg viewBox="0 0 100 10" preserveAspectRatio="none" className="block h-10 w-full rounded-lg bg-raised">
          {spans.map(({ state, fromMs, toMs }) => (
            <rect
              key={fromMs}
              x={share(startMs, Math.max(fromMs, startMs))}
              width={Math.max(0.15, share(Math.max(fromMs, startMs), toMs))}
              height={10}
              className={`fill-current ${colours.get(state) ?? ""}`}
            >
              <title>{`${stateText(state, null)}, ${formatMoment(fromMs, endMs)} – ${formatMoment(toMs, endMs)}`}</title>
            </rect>
          ))}
        </svg>
        <div className="mt-1 flex justify-between text-2xs text-ink-faint">
          <span>{formatMoment(startMs, endMs)}</span>
          <span>{formatMoment(endMs, endMs)}</span>
        </div>
        <ul className="mt-1.5 flex flex-wrap gap-x-4 gap-y-1 text-xs text-ink-soft">
          {[...colours].map(([state, colour]) => (
            <li key={state ?? ""} className="flex min-w-0 items-center gap-1.5">
              <span className={`size-2.5 shrink-0 rounded-sm bg-current ${colour}`} />
              <bdi className="max-w-60 truncate">{stateText(state, null)}</bdi>
            </li>
          ))}
        </ul>
      </div>
      <StateTable spans={spans} nowMs={endMs} />
    </div>
  );
}

function StateTable({ spans, nowMs }: { readonly spans: readonly StateSpan[]; readonly nowMs: number }): ReactNode {
  return (
    <div role="region" aria-label={texts.timelineList} tabIndex={0} className="max-h-72 overflow-y-auto">
      {spans.length > MOST_ROWS && <p className="pb-1 text-xs text-ink-faint">{texts.more(MOST_ROWS)}</p>}
      <table className="w-full text-left text-sm">
        <caption className="sr-only">{texts.timelineList}</caption>
        <thead className="text-xs text-ink-faint">
          <tr>
            <th scope="col" className="py-1 pr-3 font-medium">{texts.stateFrom}</th>
            <th scope="col" className="py-1 pr-3 font-medium">{texts.stateName}</th>
            <th scope="col" className="py-1 text-right font-medium">{texts.stateFor}</th>
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {spans.slice(-MOST_ROWS).reverse().map(({ state, fromMs, toMs }) => (
            <tr key={fromMs}>
              <td className="py-1 pr-3 whitespace-nowrap text-ink-soft" title={formatExact(fromMs)}>{formatSecond(fromMs, nowMs)}</td>
              <td className="py-1 pr-3 [overflow-wrap:anywhere]"><bdi>{stateText(state, null)}</bdi></td>
              <td className="py-1 text-right whitespace-nowrap text-ink-soft">{formatDuration(toMs - fromMs)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function coloursOf(states: readonly (string | null)[]): Map<string | null, string> {
  const loud = states.filter((state) => !UNKNOWN.has(state) && !QUIET.has(state));
  return new Map(
    states.map((state) => {
      if (UNKNOWN.has(state)) return [state, "text-warn-soft"];
      if (QUIET.has(state)) return [state, "text-line-strong"];
      return [state, COLOURS[loud.indexOf(state) % COLOURS.length] ?? "text-accent"];
    }),
  );
}
