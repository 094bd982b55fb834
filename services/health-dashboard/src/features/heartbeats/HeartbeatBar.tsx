/** The heartbeats of a service over a day as a row of bars, with tooltip, keyboard support and a table. */
import { HeartbeatTable } from "@/features/heartbeats/HeartbeatTable";
import { toBeats, type Beat } from "@/features/heartbeats/heartbeats";
import { useElementWidth } from "@/hooks/browser/useElementWidth";
import { heartbeatTexts as texts } from "@/texts/overview";
import type { ServiceHeartbeats } from "@/types/api";
import { formatMoment } from "@/utils/format/formatTime";
import { useMemo, useState, type KeyboardEvent, type ReactNode } from "react";

const LEAST_PX = 5;
const MOST = 96;
const TIP_PX = 216;

interface HeartbeatBarProps {
  readonly service: ServiceHeartbeats;
  readonly slotS: number;
  readonly nowMs: number;
}

export function HeartbeatBar({ service: { label, slots }, slotS, nowMs }: HeartbeatBarProps): ReactNode {
  const [measure, width] = useElementWidth();
  const [at, setAt] = useState<number | null>(null);
  const room = width === 0 ? MOST : Math.floor(width / LEAST_PX);
  const beats = useMemo(() => toBeats(slots, slotS, room), [slots, slotS, room]);
  const chosen = at === null ? undefined : beats[at];
  const onKeyDown = (event: KeyboardEvent) => {
    const from = at ?? beats.length;
    const targets: Readonly<Record<string, number>> = { ArrowLeft: from - 1, ArrowRight: from + 1, Home: 0, End: beats.length - 1 };
    const target = targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    setAt(Math.max(0, Math.min(target, beats.length - 1)));
  };
  return (
    <div ref={measure} className="relative">
      <div
        role="slider"
        tabIndex={0}
        aria-label={texts.bar(label)}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, beats.length - 1)}
        aria-valuenow={at ?? Math.max(0, beats.length - 1)}
        aria-valuetext={chosen ? words(chosen, nowMs) : texts.noSlot}
        className="flex h-8 items-end gap-px rounded-sm"
        onKeyDown={onKeyDown}
        onBlur={() => {
          setAt(null);
        }}
        onPointerMove={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          const index = Math.floor(((event.clientX - box.left) / Math.max(1, box.width)) * beats.length);
          setAt(Math.max(0, Math.min(index, beats.length - 1)));
        }}
        onPointerLeave={() => {
          setAt(null);
        }}
      >
        {beats.map((beat, index) => (
          <span key={beat.startMs} aria-hidden="true" className={`flex-1 rounded-[1px] ${LOOK[beat.state]} ${index === at ? "opacity-60" : ""}`} />
        ))}
      </div>
      {chosen && at !== null && (
        <div
          className="pointer-events-none absolute bottom-full z-10 mb-1.5 rounded-lg border border-line-strong bg-surface px-3 py-2 text-xs shadow-card"
          style={{ width: Math.min(TIP_PX, width), left: Math.max(0, Math.min(((at + 0.5) / beats.length) * width - TIP_PX / 2, width - TIP_PX)) }}
        >
          {words(chosen, nowMs)}
        </div>
      )}
      <HeartbeatTable label={label} beats={beats} nowMs={nowMs} />
    </div>
  );
}

/** The height shows the state too, because colour must not be the only indicator. */
const LOOK: Readonly<Record<Beat["state"], string>> = {
  up: "h-full bg-good",
  degraded: "h-2/3 bg-warn",
  down: "h-1 bg-bad",
  unknown: "h-1 bg-line-strong",
};

function words({ startMs, endMs, state, reports, expected, failed }: Beat, nowMs: number): string {
  return texts.slot(`${formatMoment(startMs, nowMs)}–${formatMoment(endMs, startMs)}`, texts.states[state], reports, expected, failed);
}
