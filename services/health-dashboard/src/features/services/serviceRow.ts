/** A service's numbers as the words of its row. */
import type { ServiceStats } from "@/types/api";
import { formatCount, formatLatency, formatPercent, formatRate, NO_VALUE } from "@/utils/formatNumber";
import { formatAgo } from "@/utils/formatTime";

/** Services report every 10 s: four silent reports are no accident. */
const SILENT_AFTER_MS = 45_000;
const LOW_SUCCESS_PERCENT = 99;

export interface ServiceRow {
  readonly name: string;
  readonly duty: string;
  readonly cells: readonly ServiceCell[];
}

export interface ServiceCell {
  readonly label: string;
  readonly text: string;
  readonly isWarning?: boolean;
}

/** The columns, in the order of the cells. */
export const SERVICE_COLUMNS = ["Per minute", "Mean time", "95 % within", "Success", "Queue", "Last report"] as const;

/** What the table shows of a service. */
export function toServiceRow(stats: ServiceStats, nowMs: number): ServiceRow {
  const silentMs = stats.last_seen === null ? null : nowMs - Date.parse(stats.last_seen);
  const isLow = stats.success_rate !== null && stats.success_rate < LOW_SUCCESS_PERCENT;
  const texts: readonly (readonly [string, boolean?])[] = [
    [formatRate(stats.events_per_minute)],
    [formatLatency(stats.processing_time_ms)],
    [formatLatency(stats.processing_time_ms_p95)],
    [formatPercent(stats.success_rate), isLow],
    [formatCount(stats.queue_depth)],
    silentMs === null ? ["no answer", true] : [formatAgo(silentMs), silentMs > SILENT_AFTER_MS],
  ];
  return {
    name: stats.service,
    duty: DUTIES[stats.service] ?? "",
    cells: SERVICE_COLUMNS.map((label, at) => {
      const [text = NO_VALUE, isWarning = false] = texts[at] ?? [];
      return { label, text, isWarning };
    }),
  };
}

/** In the order in which an event meets them; unknown ones last, by name. */
export function inFlowOrder(services: Readonly<Record<string, ServiceStats>>): ServiceStats[] {
  const rank = (name: string) => {
    const at = Object.keys(DUTIES).indexOf(name);
    return at === -1 ? Object.keys(DUTIES).length : at;
  };
  return Object.values(services).sort(
    (a, b) => rank(a.service) - rank(b.service) || a.service.localeCompare(b.service),
  );
}

const DUTIES: Readonly<Record<string, string>> = {
  "websocket-ingestion": "receives from Home Assistant",
  "enrichment-pipeline": "adds names, writes to the store",
  "admin-api": "answers requests",
};
