/** The key figures as words: what is shown, and what a reader must know to take it right. */
import type { FigureValue } from "@/features/figures/Figure";
import type { ConnectionState, HealthAnswer, StatsAnswer, StreamStatistics } from "@/types/api";
import type { Loadable } from "@/types/loadable";
import type { TimeChoice } from "@/types/period";
import { formatCount, formatPercent, formatRate } from "@/utils/formatNumber";
import { formatAge, formatMoment } from "@/utils/formatTime";
import { timeWords } from "@/utils/timeChoice";

type Maybe = FigureValue | null | undefined;

/** The last minute's events as the stream counts them, else the last five minutes' mean. */
export function currentRate(statistics: StreamStatistics | null, health: Loadable<HealthAnswer>): Maybe {
  if (statistics) return { value: formatCount(statistics.last_minute), hint: "in the last 60 seconds" };
  return whileFresh(health, (answer) => ({
    value: formatRate(answer.events_per_minute),
    hint: whyNoRate(answer.ingestion_service) ?? "mean of the last 5 minutes",
  }));
}

function whyNoRate({ event_processing, influxdb_storage }: HealthAnswer["ingestion_service"]): string | null {
  return influxdb_storage.error_key === "store_damaged" ? "the store is damaged" : event_processing.reason;
}

/** What was stored in the period, and since when it is counted. */
export function eventsInPeriod(stats: Loadable<StatsAnswer>, nowMs: number): Maybe {
  return orLastKnown(stats, nowMs, ({ metrics, coverage }) => ({
    value: formatCount(metrics.total_events),
    hint: metrics.total_events === null
      ? "nobody could say how many there were"
      : coverage.complete
      ? `${formatRate(metrics.events_per_minute)} a minute on average`
      : describeStart(coverage.start, nowMs),
  }));
}

/** Failed writes of all. */
export function errorRate(stats: Loadable<StatsAnswer>, nowMs: number): Maybe {
  return orLastKnown(stats, nowMs, ({ metrics }) => {
    if (metrics.total_writes === null || metrics.write_errors === null) {
      return { value: "–", hint: "nobody could say how many writes failed" };
    }
    if (metrics.total_writes === 0) return { value: "–", hint: "nothing was written" };
    const failed = metrics.write_errors === 0 ? "none" : formatCount(metrics.write_errors);
    return {
      value: formatPercent(metrics.error_rate_percent),
      hint: `${failed} of ${formatCount(metrics.total_writes)} writes failed`,
      ...(metrics.write_errors > 0 && { tone: "warn" as const }),
    };
  });
}

/** Home Assistant's end of the flow. */
export function connection(health: Loadable<HealthAnswer>, nowMs: number): Maybe {
  return whileFresh(health, ({ ingestion_service: { websocket_connection: socket } }) => {
    const sinceMs = socket.last_connection_time === null ? null : Date.parse(socket.last_connection_time);
    if (socket.is_connected) {
      return { value: "Connected", hint: sinceMs === null ? "it is not known since when" : `for ${formatAge(nowMs - sinceMs)}` };
    }
    const last = sinceMs === null ? "not connected so far" : `last connected ${formatMoment(sinceMs, nowMs)}`;
    return { ...CONNECTION[socket.state], hint: last };
  });
}

/** `Events, last 6 hours`. */
export function periodLabel(period: TimeChoice): string {
  return `Events, ${timeWords(period)}`;
}

const CONNECTION: Readonly<Record<ConnectionState, Pick<FigureValue, "value" | "tone">>> = {
  connected: { value: "Connected" },
  connecting: { value: "Connecting", tone: "warn" },
  disconnected: { value: "Disconnected", tone: "warn" },
  auth_invalid: { value: "Token refused", tone: "bad" },
  forbidden: { value: "Forbidden", tone: "bad" },
  certificate_refused: { value: "Certificate refused", tone: "bad" },
  subscription_refused: { value: "Events refused", tone: "bad" },
  stopped: { value: "Stopped", tone: "bad" },
  unknown: { value: "Unknown", tone: "bad" },
};

function describeStart(start: string | null, nowMs: number): string {
  return start === null ? "nothing captured so far" : `counted since ${formatMoment(Date.parse(start), nowMs)}`;
}

/** What is said of now cannot be told from an old answer. */
function whileFresh<Data>({ data, error }: Loadable<Data>, show: (data: Data) => FigureValue): Maybe {
  if (error) return null;
  return data && show(data);
}

/** What is said of a period stays right, when it says of which. */
function orLastKnown(stats: Loadable<StatsAnswer>, nowMs: number, show: (data: StatsAnswer) => FigureValue): Maybe {
  const { data, error } = stats;
  if (data === undefined) return error ? null : undefined;
  return error ? { ...show(data), hint: `as of ${formatMoment(Date.parse(data.timestamp), nowMs)}` } : show(data);
}
