"""What the scenario writes: a few of everything that is hard to keep, at fixed times."""

from __future__ import annotations

from typing import Any

from ha_ingestor_core.alerts import Alert, AlertLevel
from ha_ingestor_core.alive import Alive
from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_core.events import STATE_CHANGED, OriginKind
from ha_ingestor_core.gaps import Gap, GapReason, GapStatus
from ha_ingestor_core.service_metrics import LATENCY_BUCKETS, LATENCY_SUM, Counter, Level, ServiceMetricsPoint
from ha_ingestor_store.points import EventPoint, Weather, WeatherObservation
from ha_ingestor_store.time_range import DAY_NS, HOUR_NS, MINUTE_NS
from msgspec import structs

BASE_NS = 20_780 * DAY_NS + 23 * HOUR_NS + 30 * MINUTE_NS
"""Half an hour before a day ends, so that an hour and a day end within reach."""
RETENTION_S = 30 * 365 * 86_400
"""Whenever the scenario is recorded, its points are younger."""
BEYOND_RETENTION_NS = 3_650 * DAY_NS
"""1979."""
FOREIGN_NS = BASE_NS - 200 * DAY_NS
"""Where somebody else has written fields of our names with types of theirs; no range that is asked for reaches it."""


def state(entity_id: str, offset_ns: int, text: str | None, value: float | None = None, **more: Any) -> EventPoint:
    """A state change at a time from BASE_NS on."""
    return EventPoint(
        event_type=STATE_CHANGED,
        time_ns=BASE_NS + offset_ns,
        domain=entity_id.partition(".")[0],
        entity_id=entity_id,
        state=text,
        value=value,
        **{"home": "home", **more},
    )


def event(event_type: str, offset_ns: int, data: str, **more: Any) -> EventPoint:
    """An event that is no state change."""
    return EventPoint(home="home", event_type=event_type, time_ns=BASE_NS + offset_ns, data=data, **more)


LIVE = [
    state(
        "sensor.a",
        0,
        "21.5",
        21.5,
        unit="°C",
        friendly_name="Küche",
        area="a,b c=d",
        device="back\\slash\\",
        device_class="temperature",
        floor="Erdgeschoß",
        labels='["Énergie","b"]',
        integration="mqtt",
        attributes='{"a":"\\n\\\\ é","list":[1,null,"x"]}',
        old_state="21.0",
        context_id="01HZ",
        context_parent_id="01HY",
        context_user_id="ünï",
        origin="LOCAL",
    ),
    state("sensor.a", 1, "21.625", 21.625, unit="°C"),  # the next nanosecond
    state("sensor.a", MINUTE_NS - 1, "-0.0", -0.0, unit="°C"),
    state("sensor.a", MINUTE_NS, "", old_state="-0.0", friendly_name="", area=""),
    state("sensor.a", HOUR_NS + 7, "unavailable", old_state=""),
    state("sensor.a", HOUR_NS + 8 * MINUTE_NS + 123_456_789, "1e-07", 1e-07, unit="K"),
    state("sensor.huge", 10 * NS_PER_S, "1.7e308", 1.7e308),
    state("sensor.huge", 20 * NS_PER_S, "1.6e308", 1.6e308),  # their sum is no float
    state("switch.a*b", 0, "on"),  # three in one nanosecond
    state("switch.axb", 0, "off"),
    state("light.[x]", 0, "on"),
    state("light.küche", 2, "on", home="cabin"),
    state("weather.客厅", 3, "ünï 😀", home="cabin"),
    state("sensor.line\nbreak", 5, "cr\rlf\r\nnew\nline"),
    state('sensor.quo"te', 6, 'quo"te\\"'),
    state("sensor.back\\slash\\", 7, "back\\slash\\"),
    state("sensor.${r.home}", 8, "${1 + 1}\t\x07"),
    state("sensor.a,b c=d/e", 9, "a,b c=d"),
    state("sensor.100%25", 10, "x" * 300),
    state("sensor.gone", 30 * NS_PER_S, "1", 1.0),
    state("sensor.gone", 40 * NS_PER_S, None, removed=True, old_state="1"),
    event("call_service", 11, '{"service":"toggle"}', domain="light"),
    event("custom.event", 12, '{"a":[1,2,{"c":"x"}]}', domain="switch", entity_id="light.küche"),
    event("ünïcode", 13, "{}", origin="REMOTE"),
    state("sensor.b", 14, "8", 8.0, weather=Weather("rainy", -0.5, 99.0, 1013.25, 0.0, 359.5)),
]

# Each is written from history with more fields than what is better and comes later, which must not show through.
_RICH = {"unit": "W", "friendly_name": "Old", "attributes": '{"old":true}', "old_state": "4"}
_POOR_TO_RICH = ("sensor.b", 'sensor.quo"te', "sensor.back\\slash\\", "sensor.line\nbreak", "light.küche")
_homes = {"light.küche": "cabin"}


def _version(entity_id: str, kind: OriginKind, text: str, **more: Any) -> EventPoint:
    return state(entity_id, -2 * HOUR_NS, text, origin_kind=kind, home=_homes.get(entity_id, "home"), **more)


BACKFILL = [
    *(_version(entity_id, OriginKind.BACKFILL, "5", value=5.0, **_RICH) for entity_id in _POOR_TO_RICH),
    state("sensor.b", -3 * HOUR_NS, "3", 3.0, origin_kind=OriginKind.BACKFILL),
    state("sensor.a", -40 * DAY_NS, "4", 4.0, unit="°C", origin_kind=OriginKind.BACKFILL),
]
SNAPSHOT = [
    _version("sensor.b", OriginKind.SNAPSHOT, "6", value=6.0, **_RICH),
    state("sensor.b", -50 * DAY_NS, "0", 0.0, origin_kind=OriginKind.SNAPSHOT),  # captured, but not witnessed
]
UPGRADES = [
    *(_version(entity_id, OriginKind.LIVE, "on") for entity_id in _POOR_TO_RICH),
    _version("sensor.b", OriginKind.BACKFILL, "poorer"),  # the best of one batch is written
]
LATE = [
    state("sensor.a", 30 * MINUTE_NS, "18.25", 18.25, unit="°C"),
    state("sensor.late", -25 * HOUR_NS, "7", 7.0),
    state("sensor.late", -25 * HOUR_NS, "again"),
    event("call_service", -1, '{"service":"late"}'),
]
NEWER = [
    state("sensor.a", 2 * DAY_NS, "20", 20.0, unit="°C"),
    state("light.küche", 2 * DAY_NS + 1, "off", home="cabin", old_state="on"),
    state("sensor.new", 2 * DAY_NS + 2, "first"),
]
CONFLICTING = state("sensor.a", -200 * DAY_NS + HOUR_NS, "1", 1.0)
EXPIRED = state("sensor.a", BEYOND_RETENTION_NS - BASE_NS, "1", 1.0, origin_kind=OriginKind.BACKFILL)

GAPS = [
    Gap(home="home", start_ns=BASE_NS - DAY_NS, end_ns=BASE_NS + 2, reason=GapReason.RESTART, found_ns=BASE_NS),
    Gap(home="ca,bin", start_ns=BASE_NS, end_ns=BASE_NS + HOUR_NS, reason=GapReason.SPOOL_FULL, found_ns=BASE_NS),
]
LATER_GAPS = [
    structs.replace(GAPS[1], status=GapStatus.PARTIAL, recovered=3, lost=['say "x"\r\n ${r} 😀'], closed_ns=BASE_NS + 9)
]


WEATHER = [
    WeatherObservation("home", "weather.客厅", BASE_NS + 1, Weather("clear-night", 21.5)),
    WeatherObservation("ca,bin", "open-meteo", BASE_NS + 1, Weather(temperature_c=-0.5, wind_bearing_deg=1e-07)),
    WeatherObservation("home", "weather.客厅", BASE_NS + HOUR_NS, Weather("rainy", pressure_hpa=1013.25)),
]
ALIVE = [
    Alive("home", "sensor.a", BASE_NS + 3 * HOUR_NS),
    Alive("home", "sensor.a", BASE_NS + 3 * HOUR_NS + MINUTE_NS),
    Alive("cabin", "weather.客厅", BASE_NS + MINUTE_NS),
]


def report(
    service: str, offset_ns: int, number: int, *, instance: str = "", is_full: bool = False
) -> ServiceMetricsPoint:
    """A report, its numbers made from one; few have all the fields, which make the recording long."""
    known = list(Counter) if is_full else [Counter.RECEIVED, Counter.PROCESSED, Counter.WRITE_ATTEMPTS]
    counters = {counter.value: number * (at + 1) for at, counter in enumerate(known)}
    levels = {Level.QUEUE_DEPTH.value: float(number), Level.LAG_S.value: number / 8}
    if is_full:
        counters |= {name: number * min(at, 6) for at, name in enumerate(LATENCY_BUCKETS)}
        levels[LATENCY_SUM] = number * 12.5
    return ServiceMetricsPoint(
        service=service, instance=instance, time_ns=BASE_NS + offset_ns, counters=counters, levels=levels
    )


REPORTS = [
    *(report("websocket-ingestion", n * 10 * NS_PER_S, n) for n in range(4)),
    report("websocket-ingestion", 5 * NS_PER_S, 5, instance="a", is_full=True),
    report("websocket-ingestion", HOUR_NS + 1, 7, instance="a"),
    report("enrichment-pipeline", -3 * HOUR_NS, 11),
    report("enrichment-pipeline", HOUR_NS, 13),
    ServiceMetricsPoint(
        service="test,service =1",  # somebody else's: levels alone
        time_ns=BASE_NS + 3,
        levels={Level.PROCESSING_TIME_MS.value: 12.5, Level.SUCCESS_RATE.value: 99.5},
    ),
    ServiceMetricsPoint(
        service="test,service =1",
        time_ns=BASE_NS + MINUTE_NS,
        levels={Level.PROCESSING_TIME_MS.value: 13.0, Level.PROCESSING_TIME_MS_P95.value: 20.0},
    ),
]
LATE_REPORTS = [report("websocket-ingestion", 15 * NS_PER_S, 17), report("websocket-ingestion", 4 * DAY_NS, 19)]

ALERTS = [
    Alert(
        rule="lag",
        service="websocket-ingestion",
        level=AlertLevel.WARNING,
        message='"late"\r\n ${r} 😀',
        since_ns=BASE_NS - DAY_NS,
        raised_ns=BASE_NS,
    ),
    Alert(
        rule="gap_open",
        service="my, service",
        level=AlertLevel.CRITICAL,
        message="1 gap",
        since_ns=BASE_NS,
        raised_ns=BASE_NS + 1,
    ),
]
LATER_ALERTS = [
    structs.replace(ALERTS[1], cleared_ns=BASE_NS + 5, acknowledged_ns=BASE_NS + 3, acknowledged_by='Ünna\'s "phone"')
]
