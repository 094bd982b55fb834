/** Complete answers about settings and access; a test replaces the members it needs. */
import { NOW_MS, timeAt } from "@/test/fixtures";
import type { AuditEntry, Session, Setting, StatsSourceAnswer, Token } from "@/types/api";

export function aSetting(change: Partial<Setting> = {}): Setting {
  return {
    variable: "ADMIN_API_PORT",
    value: "8003",
    source: "default",
    is_secret: false,
    description: "Port of the Admin API",
    group: "Where the Admin API listens",
    ...change,
  };
}

export function aStatsSource(change: Partial<StatsSourceAnswer> = {}): StatsSourceAnswer {
  return {
    use_influxdb_stats: true,
    influxdb_rollout_percent: 100,
    stats_compare: false,
    environment: { use_influxdb_stats: null, influxdb_rollout_percent: null, stats_compare: null },
    limited_by: { use_influxdb_stats: null, influxdb_rollout_percent: null },
    variables: [],
    ...change,
  };
}

export function aToken(change: Partial<Token> = {}): Token {
  return { id: "3f9c01ab", name: "prometheus", scope: "read", created: timeAt(NOW_MS - 86_400_000), expires: null, last_used: null, ...change };
}

export function aListedSession(change: Partial<Session> = {}): Session {
  return { ...aToken({ id: "7b20aa94", name: "sign-in link", scope: "admin" }), token_id: null, is_own: false, ...change };
}

export function anAuditEntry(change: Partial<AuditEntry> = {}): AuditEntry {
  return {
    time: timeAt(NOW_MS - 60_000),
    who: "token 3f9c01ab (automation)",
    action: "PUT /api/v1/filters",
    address: "192.0.2.7",
    status: 200,
    detail: { exclude: { domains: ["automation"] } },
    ...change,
  };
}
