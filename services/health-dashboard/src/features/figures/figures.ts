/** The texts of the key figures: value and note. */
import type { FigureValue } from "@/features/figures/Figure";
import { connectionTexts, figureTexts as texts } from "@/texts/figures";
import type { ConnectionState, HealthAnswer, StatsAnswer, StreamStatistics } from "@/types/api";
import type { Loadable } from "@/types/loadable";
import type { TimeChoice } from "@/types/period";
import { formatCount, formatPercent, formatRate, NO_VALUE } from "@/utils/format/formatNumber";
import { formatDuration, formatMoment, formatSecond } from "@/utils/format/formatTime";
import { timeWords } from "@/utils/time/timeChoice";

type Maybe = FigureValue | null | undefined;

/** Fewer are always in flight to the store. */
const FEW_WAITING = 100;

/**
 * Return the current rate: stored events, or received events while the store is behind.
 * Rates of the store are by event time, so they are 0 while a backlog waits, which says nothing about the home.
 */
export function currentRate(statistics: StreamStatistics | null, health: Loadable<HealthAnswer>): Maybe {
  return orLastKnown(health, (answer) => {
    const { events_per_minute, received_per_minute, waiting_events, admin_api_status } = answer;
    const isBehind = admin_api_status !== "healthy" || (waiting_events !== null && waiting_events >= Math.max(FEW_WAITING, received_per_minute ?? 0));
    if (isBehind) {
      if (received_per_minute === null) return UNKNOWN;
      const hint = received_per_minute === 0 ? texts.captured : texts.capturedWaiting;
      return { value: formatRate(received_per_minute), hint, tone: "warn" };
    }
    if (statistics) return { value: formatCount(statistics.last_minute), hint: texts.lastMinute };
    if (events_per_minute !== null) return { value: formatRate(events_per_minute), hint: texts.mean };
    return received_per_minute === null ? UNKNOWN : { value: formatRate(received_per_minute), hint: texts.captured };
  });
}

/** Return the number of events stored in the period, and the time since when they are counted. */
export function eventsInPeriod(stats: Loadable<StatsAnswer>, nowMs: number): Maybe {
  return orLastKnown(stats, ({ metrics, coverage }) => {
    if (metrics.total_events === null) return { value: NO_VALUE, hint: texts.totalUnknown };
    const hint = coverage.complete ? texts.onAverage(metrics.events_per_minute) : describeStart(coverage.start, nowMs);
    return { value: formatCount(metrics.total_events), hint };
  });
}

/** Return the number of events captured and not yet stored. */
export function waitingEvents(health: Loadable<HealthAnswer>): Maybe {
  return orLastKnown(health, ({ waiting_events: waiting, stored_per_minute: stored }) => {
    if (waiting === null) return UNKNOWN;
    const value = formatCount(waiting);
    if (waiting < FEW_WAITING) return { value, hint: waiting === 0 ? texts.nothingWaits : texts.onDisk };
    return { value, hint: stored === null || stored === 0 ? texts.onDisk : texts.storing(stored), tone: "warn" };
  });
}

/** Return the percentage of failed writes. */
export function errorRate(stats: Loadable<StatsAnswer>): Maybe {
  return orLastKnown(stats, ({ metrics: { total_writes: writes, write_errors: errors, error_rate_percent: percent } }) => {
    if (writes === null || errors === null) return { value: NO_VALUE, hint: texts.errorsUnknown };
    if (writes === 0) return { value: NO_VALUE, hint: texts.nothingWritten };
    return { value: formatPercent(percent), hint: texts.failed(errors, writes), ...(errors > 0 && { tone: "warn" as const }) };
  });
}

/** Return the state of the connection to Home Assistant; with several homes, the number of connected homes. */
export function connection(health: Loadable<HealthAnswer>, nowMs: number): Maybe {
  return orLastKnown(health, ({ homes, ingestion_service: { websocket_connection: socket } }) => {
    if (homes.length > 1) {
      const connected = homes.filter(({ state }) => state === "connected").length;
      return { value: texts.connectedHomes(connected, homes.length), hint: texts.homes, ...(connected < homes.length && { tone: "warn" as const }) };
    }
    const sinceMs = socket.last_connection_time === null ? null : Date.parse(socket.last_connection_time);
    if (socket.is_connected) {
      return { value: connectionTexts.connected, hint: sinceMs === null ? texts.sinceUnknown : texts.since(formatDuration(nowMs - sinceMs)) };
    }
    if (socket.state === "unknown") return UNKNOWN;
    const hint = sinceMs === null ? texts.neverConnected : texts.lastConnected(formatSecond(sinceMs, nowMs));
    return { value: connectionTexts[socket.state], hint, tone: MAY_COME_BACK.has(socket.state) ? "warn" : "bad" };
  });
}

/** `Events, last 6 hours`. */
export function periodLabel(period: TimeChoice): string {
  return texts.period(timeWords(period));
}

const UNKNOWN: FigureValue = { value: NO_VALUE, hint: texts.unknown };
const MAY_COME_BACK: ReadonlySet<ConnectionState> = new Set(["connecting", "disconnected", "connected"]);

function describeStart(start: string | null, nowMs: number): string {
  return start === null ? texts.nothingCaptured : texts.countedSince(formatMoment(Date.parse(start), nowMs));
}

/** Return the last value while no newer one is available, with the time of its answer. */
function orLastKnown<Data extends { readonly timestamp: string }>(source: Loadable<Data>, show: (data: Data) => FigureValue): Maybe {
  const { data, error } = source;
  if (data === undefined) return error ? null : undefined;
  if (!error) return show(data);
  const answeredMs = Date.parse(data.timestamp);
  return { value: show(data).value, hint: texts.asOf(formatSecond(answeredMs, answeredMs)), isStale: true };
}
