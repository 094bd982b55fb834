/** Complete answers of the Admin API; a test replaces the members it needs. */
import type { Account, AccountingAnswer, Alert, AlertsAnswer, Backfill, BusiestAnswer, BusyEntity, Filling, Filters, Gap, GapsAnswer, HealthAnswer, HeartbeatsAnswer, HomeEvent, RejectedAnswer, RejectedEvent, ServiceStats, SessionAnswer, SilentAnswer, SilentEntity, StatsAnswer, TappedEvent } from "@/types/api";

export const NOW = "2026-11-24T12:00:30.000000+00:00";
export const NOW_MS = Date.parse(NOW);

export function anEvent(change: Partial<HomeEvent> = {}): HomeEvent {
  return {
    id: "event-1",
    time: "2026-11-24T12:00:25.000000+00:00",
    event_type: "state_changed",
    entity_id: "sensor.kitchen_temperature",
    state: "21.5",
    old_state: "21.4",
    value: 21.5,
    unit: "°C",
    friendly_name: "Kitchen temperature",
    area: "Kitchen",
    floor: "Ground floor",
    labels: [],
    device: "Thermometer",
    device_class: "temperature",
    integration: "mqtt",
    attributes: {},
    context_id: "01JDE3N1P2Q3R4S5T6V7W8X9Y0",
    context_parent_id: null,
    context_user_id: null,
    origin: "LOCAL",
    home: "home",
    domain: "sensor",
    removed: false,
    origin_kind: "live",
    data: null,
    weather: null,
    ...change,
  };
}

type TappedPoint = NonNullable<TappedEvent["point"]>;

/** An event of the live tap that was stored. */
export function aTappedEvent(change: Partial<TappedEvent> = {}, point: Partial<TappedPoint> = {}): TappedEvent {
  const attributes = { unit_of_measurement: "°C", friendly_name: "Kitchen temperature" };
  const context = { id: "01JDE3N1P2Q3R4S5T6V7W8X9Y0", parent_id: null, user_id: null };
  const state = {
    entity_id: "sensor.kitchen_temperature",
    state: "21.5",
    attributes,
    last_changed: "2026-11-24T12:00:25+00:00",
    last_updated: "2026-11-24T12:00:25.000000+00:00",
    context,
  };
  const raw = {
    event_type: "state_changed",
    data: { entity_id: state.entity_id, old_state: { ...state, state: "21.4" }, new_state: state },
    origin: "LOCAL",
    time_fired: "2026-11-24T12:00:25+00:00",
    context,
  };
  return {
    received: "2026-11-24T12:00:25.123456+00:00",
    home: "home",
    origin_kind: "live",
    outcome: "written",
    reason: null,
    raw: JSON.stringify(raw),
    is_cut: false,
    point: {
      time: "2026-11-24T12:00:25.000000+00:00",
      time_ns: "1795521625000000042",
      home: "home",
      event_type: "state_changed",
      domain: "sensor",
      entity_id: state.entity_id,
      state: "21.5",
      value: 21.5,
      old_state: "21.4",
      unit: "°C",
      friendly_name: "Kitchen temperature",
      area: "Kitchen",
      floor: null,
      labels: null,
      device: null,
      device_class: null,
      integration: "mqtt",
      attributes,
      data: null,
      removed: false,
      context_id: context.id,
      context_parent_id: null,
      context_user_id: null,
      origin: "LOCAL",
      origin_kind: "live",
      weather: null,
      ...point,
    },
    ...change,
  };
}

/** Events a second apart, newest first. */
export function someEvents(count: number): HomeEvent[] {
  return Array.from({ length: count }, (_, at) =>
    anEvent({ id: `event-${count - at}`, time: timeAt(NOW_MS - 5_000 - at * 1000) }),
  );
}

/** A time as the API writes it. */
export function timeAt(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "000+00:00");
}

export function aService(change: Partial<ServiceStats> = {}): ServiceStats {
  return {
    service: "websocket-ingestion",
    events_received: 3600,
    events_processed: 3580,
    events_duplicate: 12,
    events_filtered: 0,
    events_rejected: 8,
    events_expired: 0,
    events_failed: 0,
    events_per_minute: 60,
    write_attempts: 0,
    write_errors: 0,
    processing_time_ms: 0.42,
    processing_time_ms_p95: 1.3,
    success_rate: 100,
    queue_depth: 0,
    lag_s: 0.01,
    last_seen: "2026-11-24T12:00:26.000000+00:00",
    error: null,
    ...change,
  };
}

export function aStatsAnswer(change: Partial<StatsAnswer> = {}): StatsAnswer {
  return {
    timestamp: NOW,
    period: "1h",
    start: timeAt(NOW_MS - 3_600_000),
    end: NOW,
    metrics: {
      total_events: 3580,
      events_per_minute: 59.7,
      total_writes: 720,
      write_errors: 0,
      error_rate_percent: 0,
      services: { "websocket-ingestion": aService() },
    },
    trends: [
      { time: "2026-11-24T11:58:00.000000+00:00", count: 58 },
      { time: "2026-11-24T11:59:00.000000+00:00", count: 62 },
      { time: "2026-11-24T12:00:00.000000+00:00", count: 30 },
    ],
    alerts: [],
    source: "embedded",
    warning: null,
    coverage: { start: "2026-11-24T11:00:30.000000+00:00", end: NOW, complete: true },
    ...change,
  };
}

export function anAlert(change: Partial<Alert> = {}): Alert {
  return {
    id: "18eb146501abda26-ffa26d2d1a90",
    rule: "queue_growing",
    timestamp: timeAt(NOW_MS - 60_000),
    since: timeAt(NOW_MS - 120_000),
    level: "warning",
    service: "websocket-ingestion",
    message: "The queue of websocket-ingestion grew by 500 events over 10m",
    runbook: "/api/v1/runbooks/queue_growing",
    status: "active",
    cleared: null,
    acknowledged: null,
    acknowledged_by: null,
    silenced_until: null,
    ...change,
  };
}

export function anAlertsAnswer(alerts: Alert[] = []): AlertsAnswer {
  return { timestamp: NOW, source: "embedded", warning: null, period: "1h",
    start: timeAt(NOW_MS - 3_600_000),
    end: NOW, alerts, coverage: { start: NOW, end: NOW, complete: true } };
}

export function aBusiestAnswer(entities: BusyEntity[] = [{ entity_id: "sensor.house_power", home: "home", friendly_name: null, count: 1440 }]): BusiestAnswer {
  return { timestamp: NOW, period: "1h", entities, source: "embedded" };
}

export function aGap(change: Partial<Gap> = {}): Gap {
  const startMs = NOW_MS - 3_600_000;
  return {
    home: "home",
    start: timeAt(startMs),
    end: timeAt(startMs + 1_740_000),
    reason: "connection_lost",
    status: "closed",
    entities: 212,
    recovered: 1204,
    known: 3,
    lost: ["Other events: Home Assistant keeps no history of them"],
    entity_names: {},
    found: timeAt(startMs + 1_741_000),
    closed: timeAt(startMs + 1_745_000),
    ...change,
  };
}

export function aGapsAnswer(change: Partial<GapsAnswer> = {}): GapsAnswer {
  return { gaps: [aGap()], open: 0, next_cursor: null, ...change };
}

/** A running backfill. */
export function aBackfill(change: Partial<Backfill> = {}): Backfill {
  return {
    start: timeAt(NOW_MS - 10 * 86_400_000),
    end: NOW,
    status: "open",
    done_percent: 43.7,
    entities: 60,
    entities_done: 25,
    read_until: timeAt(NOW_MS - 6 * 86_400_000),
    recovered: 12_345,
    known: 0,
    lost: [],
    closed: null,
    ...change,
  };
}

export function aSilentEntity(change: Partial<SilentEntity> = {}): SilentEntity {
  return {
    entity_id: "sensor.attic_temperature",
    home: "home",
    friendly_name: null,
    last_seen: timeAt(NOW_MS - 18_000_000),
    last_changed: timeAt(NOW_MS - 18_000_000),
    silent_for_s: 18_000,
    usual_interval_s: 600,
    factor: 30,
    ...change,
  };
}

export function aSilentAnswer(entities: SilentEntity[] = []): SilentAnswer {
  return { timestamp: NOW, period: null, entities, source: "embedded" };
}

export function aRejectedEvent(change: Partial<RejectedEvent> = {}): RejectedEvent {
  return {
    id: "18ead0747186b3e9-8ede2666c4ac687f",
    time: timeAt(NOW_MS - 60_000),
    home: "home",
    service: "enrichment-pipeline",
    key: "missing_field",
    message: "time_fired is missing",
    origin_kind: "live",
    replayed: null,
    outcome: null,
    ...change,
  };
}

export function aRejectedAnswer(change: Partial<RejectedAnswer> = {}): RejectedAnswer {
  return { events: [aRejectedEvent()], counts: { missing_field: 3 }, next_cursor: null, ...change };
}

type Socket = HealthAnswer["ingestion_service"]["websocket_connection"];
type Storage = HealthAnswer["ingestion_service"]["influxdb_storage"];

export function aHealthAnswer(
  change: Partial<Omit<HealthAnswer, "ingestion_service">> & { socket?: Partial<Socket>; storage?: Partial<Storage> } = {},
): HealthAnswer {
  const { socket, storage, ...rest } = change;
  return {
    overall_status: "healthy",
    admin_api_status: "healthy",
    ingestion_service: {
      status: "healthy",
      websocket_connection: {
        is_connected: true,
        last_connection_time: "2026-11-24T09:00:30.000000+00:00",
        connection_attempts: 1,
        last_error: null,
        state: "connected",
        event_types: null,
        token_variable: "HA_TOKEN",
        clock_offset_s: 0.2,
        ...socket,
      },
      event_processing: {
        status: "healthy",
        events_per_minute: 59.7,
        reason: null,
        last_event_time: "2026-11-24T12:00:25.000000+00:00",
        processing_lag: 0.01,
        total_events_received: 3600,
        last_error: null,
      },
      weather_enrichment: { enabled: false, cache_hits: 0, api_calls: 0, last_error: null },
      influxdb_storage: { is_connected: true, last_write_time: NOW, write_errors: 0, last_error: null, error_key: null, ...storage },
      timestamp: NOW,
    },
    events_per_minute: 59.7,
    received_per_minute: 60.2,
    stored_per_minute: 59.7,
    waiting_events: 0,
    deployment: "all-in-one",
    home: "home",
    homes: [
      {
        home: "home",
        status: "healthy",
        state: "connected",
        last_error: null,
        event_types: null,
        token_variable: "HA_TOKEN",
        clock_offset_s: 0.2,
        signs_of_life_refusal: null,
      },
    ],
    damaged_files: [],
    timestamp: NOW,
    ...rest,
  };
}

/** A session without a token. */
export function aSessionAnswer(change: Partial<SessionAnswer> = {}): SessionAnswer {
  return { name: "this machine", scope: "read", kind: null, expires: null, ...change };
}

type FilterLists = Filters["include"];

/** Filters with these entries. */
export function someFilters(include: Partial<FilterLists>, exclude: Partial<FilterLists>): Filters {
  const none = { entities: [], domains: [], event_types: [] };
  return { include: { ...none, ...include }, exclude: { ...none, ...exclude } };
}

/** A gap that is being filled. */
export function aFilling(change: Partial<Filling> = {}): Filling {
  return {
    home: "home",
    start: timeAt(NOW_MS - 3_600_000),
    end: NOW,
    reason: "connection_lost",
    done_percent: 35.4,
    entities: 212,
    entities_done: 75,
    read_until: null,
    recovered: 7,
    known: 2,
    is_connected: true,
    last_error: null,
    ...change,
  };
}

export function anAccount(change: Partial<Account> = {}): Account {
  return {
    received: 3600,
    written: 3560,
    duplicate: 12,
    filtered: 20,
    rejected: 8,
    expired: 0,
    failed: 0,
    queued_at_start: 0,
    queued_at_end: 0,
    difference: 0,
    adds_up: true,
    counted_until: NOW,
    ...change,
  };
}

export function anAccountingAnswer(services: AccountingAnswer["services"] = { "websocket-ingestion": anAccount() }): AccountingAnswer {
  return { timestamp: NOW, period: "1h", start: timeAt(NOW_MS - 3_600_000), end: NOW, services };
}

/** A day with a service that was down for half an hour. */
export function aHeartbeatsAnswer(change: Partial<HeartbeatsAnswer> = {}): HeartbeatsAnswer {
  const startMs = NOW_MS - 96 * 900_000;
  const slots = Array.from({ length: 96 }, (_, at) => {
    const isDown = at === 40 || at === 41;
    return { start: timeAt(startMs + at * 900_000), state: isDown ? ("down" as const) : ("up" as const), reports: isDown ? 0 : 15, expected: 15, failed: 0 };
  });
  const services = [{ service: "websocket-ingestion", label: "WebSocket ingestion", uptime_percent: 97.9, slots }];
  return { timestamp: NOW, source: "embedded", warning: null, period: "24h", start: timeAt(startMs), end: NOW, slot_s: 900, interval_s: 60, services, ...change };
}
