/** Trends of two services over 15 minutes, in windows of five minutes. */
import { NOW, NOW_MS, timeAt } from "@/test/fixtures";
import type { ServiceTrend, ServiceTrendsAnswer } from "@/types/api";

const MINUTE_MS = 60_000;
const FULL_MS = NOW_MS - 30_000;

export function aServiceTrend(change: Partial<ServiceTrend> = {}): ServiceTrend {
  return {
    events_per_minute: [60, null, 62, null],
    events_received: [270, null, 310, 31],
    events_processed: [268, null, 309, 31],
    events_duplicate: [1, null, 0, 0],
    events_filtered: [0, null, 0, 0],
    events_rejected: [1, null, 0, 0],
    events_expired: [0, null, 0, 0],
    events_failed: [0, null, 1, 0],
    write_attempts: [0, null, 0, 0],
    write_errors: [0, null, 2, 0],
    processing_time_ms: [0.5, null, 0.4, 0.4],
    processing_time_ms_p50: [0.3, null, 0.2, 0.2],
    processing_time_ms_p95: [1.2, null, 1.1, 1],
    success_rate: [99.6, null, 99.7, 100],
    queue_depth_max: [3, null, 12, 0],
    lag_s_max: [0.02, null, 0.4, 0],
    ...change,
  };
}

export function aServiceTrendsAnswer(change: Partial<ServiceTrendsAnswer> = {}): ServiceTrendsAnswer {
  return {
    timestamp: NOW,
    period: "15m",
    start: timeAt(NOW_MS - 15 * MINUTE_MS),
    end: NOW,
    window: "5m",
    times: [15, 10, 5, 0].map((minutes) => timeAt(FULL_MS - minutes * MINUTE_MS)),
    trends: { "admin-api": aServiceTrend(), "websocket-ingestion": aServiceTrend() },
    unknown: {},
    source: "embedded",
    warning: null,
    coverage: { start: timeAt(NOW_MS - 15 * MINUTE_MS), end: "2026-11-24T12:00:00.000000+00:00", complete: true },
    ...change,
  };
}
