/** What the pointer is on: the window's time, rate and count. */
import type { TrendWindow } from "@/features/trend/trendSeries";
import { formatCount, formatRate } from "@/utils/formatNumber";
import { formatClock, formatMoment } from "@/utils/formatTime";
import type { ReactNode } from "react";

// uPlot measures from the plot's left edge, which the axis of numbers moves to the right.
const AXIS_PX = 52;
const WIDTH_PX = 168;

interface TrendTipProps {
  readonly window: TrendWindow;
  readonly nowMs: number;
  readonly leftPx: number;
  readonly chartWidth: number;
}

export function TrendTip({ window, nowMs, leftPx, chartWidth }: TrendTipProps): ReactNode {
  const left = Math.max(0, Math.min(leftPx + AXIS_PX - WIDTH_PX / 2, chartWidth - WIDTH_PX));
  return (
    <div
      className="pointer-events-none absolute top-2 rounded-lg border border-line-strong bg-surface px-3 py-2 text-xs shadow-card"
      style={{ left, width: WIDTH_PX }}
    >
      <p className="text-ink-faint">
        {formatMoment(window.fromMs, nowMs)}
        {formatClock(window.toMs) !== formatClock(window.fromMs) && `–${formatClock(window.toMs)}`}
        {!window.isWhole && ", in part"}
      </p>
      <p className="mt-0.5 font-semibold">
        {window.perMinute === null ? "too short to say" : `${formatRate(window.perMinute)} per minute`}
      </p>
      <p className="text-ink-soft">{formatCount(window.count)} events</p>
    </div>
  );
}
