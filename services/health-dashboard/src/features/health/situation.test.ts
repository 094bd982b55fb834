/** Every situation of the page, and its texts. */
import type { Known, Situation } from "@/features/health/problem";
import { describeSituation } from "@/features/health/situation";
import { ApiError } from "@/lib/http";
import { aGap, aHealthAnswer, anAlert, aBackfill, NOW_MS, timeAt } from "@/test/fixtures";
import type { HealthAnswer } from "@/types/api";
import { describe, expect, test } from "vitest";

const home = (change: Partial<HealthAnswer["homes"][number]>) => {
  const [first] = aHealthAnswer().homes;
  if (first === undefined) throw new Error("no home");
  return { ...first, ...change };
};
const known = (change: Partial<Known> = {}): Known => ({
  nowMs: NOW_MS,
  health: aHealthAnswer({ waiting_events: 0 }),
  healthError: null,
  healthAtMs: NOW_MS - 1000,
  stream: "live",
  isPaused: false,
  alerts: [],
  gaps: { gaps: [], open: 0 },
  backfill: null,
  source: "embedded",
  ...change,
});

type Health = Parameters<typeof aHealthAnswer>[0];
const health = (change: Health, rest: Partial<Known> = {}) => known({ health: aHealthAnswer(change), ...rest });

/** `/health` while the store cannot be read: rates of the store are unknown, those of the services are known. */
const away = { overall_status: "unhealthy", admin_api_status: "degraded", events_per_minute: null, received_per_minute: 177.4, stored_per_minute: 0, waiting_events: 12_345 } as const;
const unreadable = { is_connected: false, last_error: "http://influx:8086 did not answer", last_write_time: timeAt(NOW_MS - 90_000) };
const disconnected = { is_connected: false, state: "disconnected", last_error: "Connection refused" } as const;
const unreachable = new ApiError("The Admin API does not answer", 0, "unreachable");

interface Row {
  readonly known: Known;
  readonly kind: string;
  readonly tone: Situation["tone"];
  readonly headline: string;
  /** Matches a part of the text. */
  readonly text?: RegExp;
  readonly health: string;
  readonly stream: string;
  readonly isOutage: boolean;
  readonly runbook?: string;
}

const FINE = "Everything is being captured and stored";

const STATES: Readonly<Record<string, Row>> = {
  "everything is fine": { known: known(), kind: "fine", tone: "good", headline: FINE, text: /59\.7|60 events a minute.*Nothing is waiting/, health: "Healthy", stream: "Live", isOutage: false },
  "the demo home": { known: health({ home: "demo" }), kind: "fine", tone: "good", headline: FINE, text: /simulated home/, health: "Healthy", stream: "Live", isOutage: false },
  "no answer yet": { known: known({ health: undefined, healthAtMs: null, stream: "connecting" }), kind: "checking", tone: "neutral", headline: "Checking the state", health: "Checking", stream: "Connecting", isOutage: false },
  "an old answer, as after a laptop slept": { known: known({ healthAtMs: NOW_MS - 20_000 }), kind: "updating", tone: "neutral", headline: "Updating", health: "Updating", stream: "Connecting", isOutage: false },
  "first start": {
    known: health({ events_per_minute: null, received_per_minute: 0, stored_per_minute: 0, waiting_events: 0 }),
    kind: "empty", tone: "info", headline: "Connected; no event is stored yet", health: "Healthy", stream: "Live", isOutage: false,
  },
  "the stream is lost while polls succeed": { known: known({ stream: "polling" }), kind: "fine", tone: "good", headline: FINE, health: "Healthy", stream: "Every 2 s", isOutage: false },
  "a paused list": { known: known({ isPaused: true }), kind: "fine", tone: "good", headline: FINE, health: "Healthy", stream: "Paused", isOutage: false },
  "events cannot be fetched, for a reason of their own": { known: known({ stream: "offline" }), kind: "fine", tone: "good", headline: FINE, health: "Healthy", stream: "Offline", isOutage: false },

  "the Admin API is unreachable, services apart": {
    known: health({ deployment: "separate" }, { healthError: unreachable }),
    kind: "unreachable", tone: "bad", headline: "The Admin API does not answer", text: /^Capture may still be running/, health: "Unreachable", stream: "Offline", isOutage: true,
  },
  "the Admin API is unreachable, one process": {
    known: health({ deployment: "all-in-one" }, { healthError: unreachable }),
    kind: "unreachable", tone: "bad", headline: "The Admin API does not answer", text: /^All services run in one process: if it has stopped, nothing is being captured/, health: "Unreachable", stream: "Offline", isOutage: true,
  },
  "the Admin API never answered": {
    known: known({ health: undefined, healthAtMs: null, healthError: unreachable, stream: "connecting" }),
    kind: "unreachable", tone: "bad", headline: "The Admin API does not answer", text: /^Whether events are being captured is unknown/, health: "Unreachable", stream: "Offline", isOutage: true,
  },
  "the Admin API answers errors": {
    known: known({ healthError: new ApiError("Internal error. See the log of the Admin API", 500, "internal_error"), stream: "polling" }),
    kind: "api_error", tone: "bad", headline: "The Admin API answers with an error", text: /unknown/, health: "Unknown", stream: "Every 2 s", isOutage: true,
  },
  "the session has ended": {
    known: known({ healthError: new ApiError("Sign in", 401, "unauthorized"), stream: "offline" }),
    kind: "signed_out", tone: "neutral", headline: "Sign in to see the state", health: "Signed out", stream: "Offline", isOutage: false,
  },
  "the address is refused": {
    known: known({ healthError: new ApiError("Host not allowed", 403, "forbidden"), stream: "offline" }),
    kind: "api_refuses", tone: "bad", headline: "The Admin API refuses this address", text: /unknown/, health: "Unknown", stream: "Offline", isOutage: true,
  },
  "too many requests": {
    known: known({ healthError: new ApiError("Too many requests", 429, "backpressure"), stream: "polling" }),
    kind: "limited", tone: "warn", headline: "The Admin API limits the requests of this device", health: "Unknown", stream: "Every 2 s", isOutage: true,
  },

  "the store is unreachable": {
    known: health({ ...away, storage: unreadable }, { stream: "offline", source: "services-fallback" }),
    kind: "store_unreachable", tone: "bad", headline: "The store does not answer", text: /^177 events a minute are captured and wait for the store\. 12,345 are waiting\.$/, health: "Unhealthy", stream: "Waiting", isOutage: true, runbook: "store_unreachable",
  },
  "the store is unreachable, and the open stream has not noticed": {
    known: health({ ...away, storage: unreadable }),
    kind: "store_unreachable", tone: "bad", headline: "The store does not answer", health: "Unhealthy", stream: "Waiting", isOutage: true, runbook: "store_unreachable",
  },
  "the store is unreachable, and what waits is unknown": {
    known: health({ ...away, received_per_minute: null, waiting_events: null, storage: unreadable }),
    kind: "store_unreachable", tone: "bad", headline: "The store does not answer", text: /^Events are captured and wait on disk for the store\.$/, health: "Unhealthy", stream: "Waiting", isOutage: true, runbook: "store_unreachable",
  },
  "the store is damaged": {
    known: health({ ...away, storage: { ...unreadable, last_error: "events.sqlite3 is damaged. Stop HA Ingestor, then restore a backup", error_key: "store_damaged" } }),
    kind: "store_damaged", tone: "bad", headline: "The store is damaged", text: /^177 events a minute are captured and wait/, health: "Unhealthy", stream: "Waiting", isOutage: true, runbook: "store_damaged",
  },
  "the store refuses writes": {
    known: health({ overall_status: "degraded", received_per_minute: 60, waiting_events: 1, storage: { is_connected: false, last_error: "401 unauthorized" } }),
    kind: "store_refuses", tone: "bad", headline: "Events are not being stored", text: /^60 events a minute are captured and wait for the store\. 1 is waiting\.$/, health: "Degraded", stream: "Live", isOutage: true, runbook: "writes_failing",
  },
  "the file of rejected events is full": {
    known: health({ overall_status: "degraded", received_per_minute: 60, waiting_events: 500, storage: { is_connected: true, last_error: "REJECTED_LIMIT_BYTES is reached" } }),
    kind: "rejected_full", tone: "warn", headline: "Events wait because the file of rejected events is full", text: /wait for the store/, health: "Degraded", stream: "Live", isOutage: true, runbook: "rejected_events_full",
  },
  "enrichment-pipeline does not answer": {
    known: health({ overall_status: "unhealthy", stored_per_minute: null, storage: { is_connected: false, write_errors: null, last_error: "enrichment-pipeline is unreachable: no answer within 2 s" } }),
    kind: "pipeline_silent", tone: "bad", headline: "enrichment-pipeline does not answer", text: /^Whether events are being stored is unknown/, health: "Unhealthy", stream: "Live", isOutage: true, runbook: "service_silent",
  },

  "Home Assistant is away": {
    known: health({ overall_status: "degraded", socket: disconnected }),
    kind: "disconnected", tone: "warn", headline: "Home Assistant cannot be reached", text: /^Nothing is being captured\. .*history/, health: "Degraded", stream: "Live", isOutage: true, runbook: "no_events",
  },
  "the token is refused": {
    known: health({ overall_status: "unhealthy", socket: { is_connected: false, state: "auth_invalid", last_error: "Invalid access token" } }),
    kind: "auth_invalid", tone: "bad", headline: "Home Assistant refuses the token", text: /^Nothing is being captured/, health: "Unhealthy", stream: "Live", isOutage: true, runbook: "token_refused",
  },
  "the address is banned": {
    known: health({ overall_status: "unhealthy", socket: { is_connected: false, state: "forbidden", last_error: "403" } }),
    kind: "forbidden", tone: "bad", headline: "Home Assistant refuses this address", health: "Unhealthy", stream: "Live", isOutage: true, runbook: "address_forbidden",
  },
  "websocket-ingestion does not answer": {
    known: health({ overall_status: "unhealthy", received_per_minute: null, waiting_events: null, homes: [], home: null, socket: { is_connected: false, state: "unknown", last_error: "websocket-ingestion is unreachable" } }),
    kind: "capture_unknown", tone: "bad", headline: "websocket-ingestion does not answer", text: /^Whether events are being captured is unknown/, health: "Unhealthy", stream: "Live", isOutage: true,
  },
  "the disk is full": {
    known: health({ overall_status: "degraded", homes: [home({ status: "degraded" })] }),
    kind: "paused", tone: "bad", headline: "Capture is paused", text: /history/, health: "Degraded", stream: "Live", isOutage: true, runbook: "disk_nearly_full",
  },
  "only part of the events": {
    known: health({ overall_status: "degraded", homes: [home({ status: "degraded", event_types: ["state_changed"] })], socket: { event_types: ["state_changed"] } }),
    kind: "partial", tone: "warn", headline: "Only part of the events is received", health: "Degraded", stream: "Live", isOutage: true, runbook: "event_types_missing",
  },
  "one home of several is away": {
    known: health({ overall_status: "degraded", homes: [home({}), home({ home: "cabin", status: "degraded", state: "disconnected" }), home({ home: "lake" })] }),
    kind: "disconnected", tone: "warn", headline: "1 of 3 homes is not being captured", text: /^cabin: Home Assistant cannot be reached/, health: "Degraded", stream: "Live", isOutage: true, runbook: "no_events",
  },
  "all homes are away": {
    known: health({ overall_status: "degraded", homes: [home({ state: "disconnected" }), home({ home: "cabin", state: "auth_invalid" })] }),
    kind: "disconnected", tone: "bad", headline: "Nothing is being captured", health: "Degraded", stream: "Live", isOutage: true,
  },

  "both ends are down": {
    known: health({ ...away, received_per_minute: 0, socket: disconnected, storage: unreadable }),
    kind: "both_down", tone: "bad", headline: "Nothing is being captured or stored", text: /^12,345 captured events are kept on disk/, health: "Unhealthy", stream: "Waiting", isOutage: true, runbook: "store_unreachable",
  },
  "the store is away and websocket-ingestion does not answer": {
    known: health({ ...away, received_per_minute: null, waiting_events: null, homes: [], storage: unreadable, socket: { is_connected: false, state: "unknown" } }),
    kind: "store_unreachable", tone: "bad", headline: "The store does not answer", text: /^Whether events are being captured is unknown\.$/, health: "Unhealthy", stream: "Waiting", isOutage: true,
  },
  "a fault without a reason": { known: health({ overall_status: "unhealthy" }), kind: "other", tone: "bad", headline: "A problem was reported", health: "Unhealthy", stream: "Live", isOutage: true },

  "a queue that does not drain": {
    known: health({ received_per_minute: 1200, stored_per_minute: 900, waiting_events: 5000 }),
    kind: "backlog_growing", tone: "warn", headline: "Events arrive faster than they are stored", text: /^5,000 events wait/, health: "Healthy", stream: "Live", isOutage: false, runbook: "queue_growing",
  },
  "a queue that drains": {
    known: health({ received_per_minute: 60, stored_per_minute: 660, waiting_events: 1800 }),
    kind: "backlog_draining", tone: "info", headline: "Events are captured and stored; a backlog is being stored", text: /for about 3 minutes more/, health: "Healthy", stream: "Live", isOutage: false,
  },
  "a queue whose rates are unknown": {
    known: health({ received_per_minute: null, stored_per_minute: null, waiting_events: 1800 }),
    kind: "backlog_draining", tone: "info", headline: "Events are captured and stored; a backlog is being stored", text: /^1,800 events wait on disk\.$/, health: "Healthy", stream: "Live", isOutage: false,
  },
  "a gap that is open": {
    known: known({ gaps: { gaps: [aGap({ status: "open", closed: null })], open: 1 } }),
    kind: "gap_open", tone: "info", headline: "Events are captured and stored; a gap is being filled", text: /^Nothing was captured from 11:00:30 to 11:29:30/, health: "Healthy", stream: "Live", isOutage: false, runbook: "gap_open",
  },
  "a gap that is being filled": {
    known: known({ gaps: { gaps: [aGap({ status: "open", closed: null })], open: 1 }, backfill: aBackfill() }),
    kind: "gap_open", tone: "info", headline: "Events are captured and stored; a gap is being filled", text: /\(43 % done\)/, health: "Healthy", stream: "Live", isOutage: false,
  },
  "the days before the first start are fetched": {
    known: known({ gaps: { gaps: [aGap({ status: "open", reason: "first_start", closed: null })], open: 1 }, backfill: aBackfill() }),
    kind: "fine", tone: "good", headline: FINE, health: "Healthy", stream: "Live", isOutage: false,
  },
  "a gap with lost entities": {
    known: known({ gaps: { gaps: [aGap({ status: "partial", lost: ["sensor.door: not recorded"] })], open: 0 } }),
    kind: "gap_lost", tone: "warn", headline: "Events are captured and stored; part of a gap could not be recovered", text: /^Nothing was captured from 11:00:30 to 11:29:30/, health: "Healthy", stream: "Live", isOutage: false, runbook: "gap_open",
  },
  "changes of some entities that were not sent": {
    known: known({ gaps: { gaps: [aGap({ status: "partial", reason: "not_sent", lost: ["sensor.door"] })], open: 0 } }),
    kind: "gap_lost", tone: "warn", headline: "Events are captured and stored; Home Assistant did not send some changes", text: /^Home Assistant sent no events for changes of some entities from 11:00:30 to 11:29:30.*All others were captured\.$/, health: "Healthy", stream: "Live", isOutage: false, runbook: "gap_open",
  },
  "changes that were not sent are being fetched": {
    known: known({ gaps: { gaps: [aGap({ status: "open", reason: "not_sent", closed: null })], open: 1 } }),
    kind: "gap_open", tone: "info", headline: "Events are captured and stored; a gap is being filled", text: /^Home Assistant sent no events for changes of some entities from/, health: "Healthy", stream: "Live", isOutage: false, runbook: "gap_open",
  },
  "a lost gap of last week": {
    known: known({ gaps: { gaps: [aGap({ status: "partial", start: timeAt(NOW_MS - 8 * 86_400_000), end: timeAt(NOW_MS - 7 * 86_400_000) })], open: 0 } }),
    kind: "fine", tone: "good", headline: FINE, health: "Healthy", stream: "Live", isOutage: false,
  },
  "the fallback is active": {
    known: known({ source: "services-fallback" }),
    kind: "fallback", tone: "info", headline: "Events are captured and stored; statistics are incomplete", health: "Healthy", stream: "Live", isOutage: false,
  },
  "an alert is active": {
    known: known({ alerts: [anAlert({ rule: "lag", message: "Events are 70 s late" })] }),
    kind: "alerts", tone: "warn", headline: "Events are captured and stored; an alert is active", text: /^Events are 70 s late$/, health: "1 alert", stream: "Live", isOutage: false,
  },
  "a critical alert": { known: known({ alerts: [anAlert({ level: "critical" })] }), kind: "alerts", tone: "bad", headline: "Events are captured and stored; an alert is active", health: "1 alert", stream: "Live", isOutage: false },
  "an alert that somebody has acknowledged": { known: known({ alerts: [anAlert({ acknowledged: timeAt(NOW_MS) })] }), kind: "fine", tone: "good", headline: FINE, health: "Healthy", stream: "Live", isOutage: false },
  "alerts, gaps and backfill are unknown": { known: known({ alerts: undefined, gaps: undefined }), kind: "fine", tone: "good", headline: FINE, health: "Healthy", stream: "Live", isOutage: false },
};

describe.each(Object.entries(STATES))("%s", (_, row) => {
  const situation = describeSituation(row.known);

  test("has the expected texts", () => {
    expect(situation).toMatchObject({ kind: row.kind, tone: row.tone, headline: row.headline, isOutage: row.isOutage });
    expect(situation.text).toMatch(row.text ?? /./);
    expect([situation.health.text, situation.stream.text]).toEqual([row.health, row.stream]);
    if (row.runbook !== undefined) expect(situation.problems[0]?.runbook).toBe(`/api/v1/runbooks/${row.runbook}`);
  });

  test("states nothing that is unknown", () => {
    const { health, healthError, gaps } = row.known;
    const isKnown = health !== undefined && healthError === null;
    if (situation.stream.text === "Live") expect([isKnown, health?.admin_api_status, row.known.stream]).toEqual([true, "healthy", "live"]);
    if (situation.headline === FINE) {
      expect([isKnown, health?.overall_status]).toEqual([true, "healthy"]);
      expect(gaps?.gaps.some(({ status, end }) => status === "partial" && NOW_MS - Date.parse(end) < 86_400_000) ?? false).toBe(false);
    }
    if (situation.text.includes('may still be running')) expect(health?.deployment).toBe("separate");
    expect(situation.asOfMs).toBe(healthError || situation.kind === "updating" ? row.known.healthAtMs : null);
  });
});

test("an outage has its start, the action and, separately, the reason", () => {
  const [problem] = describeSituation(health({ ...away, storage: unreadable })).problems;
  expect(problem).toMatchObject({ since: { label: "Last write", ms: NOW_MS - 90_000 }, reason: "http://influx:8086 did not answer" });
  expect(problem?.action).toMatch(/^Check that the store is running/);
  expect(problem?.text).not.toContain("influx");
});

test("a damaged store has the action, and its file under Details", () => {
  const storage = { ...unreadable, last_error: "events.sqlite3 is empty", error_key: "store_damaged" };
  const [problem] = describeSituation(health({ ...away, storage })).problems;
  expect(problem?.action).toContain("ha-ingestor restore");
  expect(problem?.reason).toBe("events.sqlite3 is empty");
});

test("both ends down are two problems under one headline", () => {
  const { problems } = describeSituation(health({ ...away, socket: disconnected, storage: unreadable }));
  expect(problems.map(({ kind }) => kind)).toEqual(["store_unreachable", "disconnected"]);
});

test("each home names the setting of its own token", () => {
  const homes = [home({}), home({ home: "cabin", state: "auth_invalid", token_variable: "HA_TOKEN_CABIN" }), home({ home: "lake", status: "degraded", event_types: ["state_changed"], token_variable: "HA_TOKEN_LAKE" })];
  const { problems } = describeSituation(health({ overall_status: "degraded", homes }));
  expect(problems.map(({ text, action }) => [text.split(":")[0], action])).toEqual([
    ["cabin", expect.stringContaining("HA_TOKEN_CABIN")],
    ["lake", expect.stringContaining("HA_TOKEN_LAKE")],
  ]);
});

test("a home that cannot be reached names the setting of its address", () => {
  const homes = [home({}), home({ home: "cabin", status: "degraded", state: "disconnected", token_variable: "HA_TOKEN_CABIN" })];
  const [problem] = describeSituation(health({ overall_status: "degraded", homes })).problems;
  expect(problem?.action).toContain("HA_URL_CABIN is right");
  expect(problem?.text).not.toContain("Nothing is being captured");
});

test("during an outage gaps and alerts are not shown", () => {
  const situation = describeSituation(health({ ...away, storage: unreadable }, { alerts: [anAlert()], gaps: { gaps: [aGap({ status: "open" })], open: 1 } }));
  expect(situation.problems).toHaveLength(1);
});

test("during an outage of the API the time of its last answer is shown", () => {
  const situation = describeSituation(known({ healthError: unreachable }));
  expect(situation.problems[0]?.since).toEqual({ label: "Last answer", ms: NOW_MS - 1000 });
});
