/** Formats the time of a value: a window or a moment. */
import type { ChartSpan } from "@/components/chart/chartTypes";
import { chartTexts } from "@/texts/chart";
import { formatClock, formatMoment } from "@/utils/format/formatTime";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const SECONDS = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const DAY = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short" });

/** In the viewer's time zone: `14:05–14:10`, `23 Nov, 14:05:07`, `Mon 23 Nov`. A window that has not ended is marked; one cut at its start is not. */
export function formatSpan({ fromMs, toMs, isPartial = false }: ChartSpan, nowMs: number): string {
  return `${spanWords(fromMs, toMs, nowMs)}${isPartial && toMs >= nowMs ? chartTexts.soFar : ""}`;
}

function spanWords(fromMs: number, toMs: number, nowMs: number): string {
  const lengthMs = toMs - fromMs;
  if (lengthMs >= DAY_MS) return lengthMs > DAY_MS ? `${DAY.format(fromMs)} – ${DAY.format(toMs)}` : DAY.format(fromMs);
  if (lengthMs >= MINUTE_MS) return `${formatMoment(fromMs, nowMs)}–${formatClock(toMs)}`;
  const moment = formatMoment(fromMs, nowMs).replace(/\d\d:\d\d$/, SECONDS.format(fromMs));
  return lengthMs === 0 ? moment : `${moment}–${SECONDS.format(toMs)}`;
}
