"""Hypothesis strategies: few entities at few times, so that events collide, arrive late and repeat."""

from __future__ import annotations

import json

from ha_ingestor_core.alerts import Alert, AlertLevel
from ha_ingestor_core.alive import Alive
from ha_ingestor_core.events import STATE_CHANGED, OriginKind
from ha_ingestor_core.gaps import Gap, GapReason, GapStatus
from ha_ingestor_core.service_metrics import LATENCY_BUCKETS, Counter, Level, ServiceMetricsPoint
from ha_ingestor_store.points import WEATHER_HOLDS_NS, EventPoint, Weather, WeatherObservation, key_digits
from ha_ingestor_store.time_range import DAY_NS, HOUR_NS, MINUTE_NS, TimeRange
from hypothesis import strategies as st

BASE_NS = 20_780 * DAY_NS + 23 * HOUR_NS + 30 * MINUTE_NS  # so that an hour and a day end within the range of times

_ENTITIES = ("sensor.a", "sensor.b", "light.küche", "light.[x]", "weather.客厅", "switch.a*b", "sensor.line\nbreak")
_STATES = (
    "", "on", "off", "21.5", "-0.0", "unavailable", 'quo"te', "back\\slash\\", "new\nline", "cr\rlf\r\n", "ünï 😀",
    "x" * 300,
)  # fmt: skip
_offsets = st.one_of(
    st.integers(0, 3),
    st.integers(0, 3 * HOUR_NS // 1000),
    st.integers(-40 * DAY_NS // 1000, 0),
    st.sampled_from([30 * MINUTE_NS // 1000, 30 * MINUTE_NS // 1000 - 1, 60 * 1_000_000]),
)
_texts = st.one_of(st.none(), st.sampled_from(["°C", "Küche", "W", "a,b c=d"]))
_units = st.one_of(st.none(), st.sampled_from(["°C", "°F", "W", "a,b c=d"]))
values = st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False), st.sampled_from([0.0, 1.0, 21.5]))


_readings = st.one_of(st.none(), st.sampled_from([-12.5, 0.0, 21.0, 1013.25]))
weathers = st.builds(
    Weather,
    condition=st.one_of(st.none(), st.sampled_from(["sunny", "clear-night"])),
    temperature_c=_readings,
    humidity_percent=_readings,
    pressure_hpa=_readings,
    wind_speed_kmh=_readings,
    wind_bearing_deg=_readings,
).filter(lambda weather: weather != Weather())


OBSERVED = [
    WeatherObservation(home, source, BASE_NS + offset, Weather(condition, temperature), holds_ns)
    for home, source, offset, condition, temperature, holds_ns in (
        ("home", "weather.home", -30 * DAY_NS, "sunny", None, DAY_NS),
        ("home", "weather.home", -30 * DAY_NS + 3 * HOUR_NS, "rainy", 9.5, HOUR_NS),
        ("home", "weather.home", -2 * HOUR_NS, "cloudy", 7.0, WEATHER_HOLDS_NS),
        ("home", "open-meteo", 0, None, -3.5, WEATHER_HOLDS_NS),
        ("home", "weather.客厅", 1000, "clear-night", 21.5, HOUR_NS),
        ("cabin", "open-meteo", 2 * MINUTE_NS, "fog", None, 7 * MINUTE_NS),
        ("cabin", "open-meteo", 70 * MINUTE_NS, None, 0.0, DAY_NS),
    )
]
"""The weather at the time of the events."""


def weather_at(home: str, time_ns: int) -> Weather | None:
    """Return the last valid observation of a home."""
    before = [each for each in OBSERVED if each.home == home and each.time_ns <= time_ns]
    last = max(before, key=lambda each: each.time_ns, default=None)
    return last.weather if last is not None and time_ns - last.time_ns <= last.holds_ns else None


@st.composite
def event_points(draw: st.DrawFn) -> EventPoint:
    """An event whose key is derived from it, as in the enrichment-pipeline."""
    microsecond_ns = BASE_NS + draw(_offsets) * 1000
    kind = draw(st.sampled_from(OriginKind))
    home = draw(st.sampled_from(["home", "cabin"]))
    if draw(st.integers(0, 4)):
        entity_id, state = draw(st.sampled_from(_ENTITIES)), draw(st.sampled_from(_STATES))
        return EventPoint(
            home=home,
            event_type=STATE_CHANGED,
            time_ns=microsecond_ns + key_digits(state.encode()),
            domain=entity_id.partition(".")[0],
            entity_id=entity_id,
            state=state,
            value=draw(values),
            old_state=draw(st.one_of(st.none(), st.sampled_from(_STATES))),
            unit=draw(_units),
            friendly_name=draw(_texts),
            area=draw(_texts),
            device=draw(_texts),
            device_class=draw(_texts),
            floor=draw(_texts),
            labels=draw(st.sampled_from([None, '["Küche"]', '["a","b"]'])),
            integration=draw(_texts),
            attributes=draw(st.sampled_from(["{}", '{"a":"\\n\\\\ é"}', '{"list":[1,null,"x"]}'])),
            removed=draw(st.booleans()),
            context_id=draw(_texts),
            context_parent_id=draw(_texts),
            context_user_id=draw(_texts),
            origin=draw(st.sampled_from(["LOCAL", "REMOTE", None])),
            origin_kind=kind,
            weather=weather_at(home, microsecond_ns + key_digits(state.encode())),
        )
    if not draw(st.integers(0, 3)):
        old, new, *_ = draw(st.permutations(_ENTITIES))
        return _registry_update(home, microsecond_ns, old, new, is_rename=draw(st.booleans()))
    # Snapshots and history only have states: other events are always live.
    data = draw(st.sampled_from(["{}", '{"service":"toggle"}', '{"a":[1,2,{"c":"x"}]}']))
    return EventPoint(
        home=home,
        event_type=draw(st.sampled_from(["call_service", "custom.event", "ünïcode"])),
        time_ns=microsecond_ns + key_digits(data.encode()),
        domain=draw(st.sampled_from([None, "light", "switch"])),
        entity_id=draw(st.sampled_from([None, "light.küche"])),
        data=data,
        context_id=draw(_texts),
        origin="LOCAL",
        weather=weather_at(home, microsecond_ns + key_digits(data.encode())),
    )


def observations() -> st.SearchStrategy[list[WeatherObservation]]:
    """Observations of the weather, at most one per source and nanosecond."""
    observation = st.builds(
        WeatherObservation,
        home=st.sampled_from(["home", "cabin"]),
        source=st.sampled_from(["weather.home", "open-meteo", "weather.客厅"]),
        time_ns=_offsets.map(lambda offset: BASE_NS + offset * 1000),
        weather=weathers,
    )
    return st.lists(observation, max_size=30, unique_by=lambda each: (each.home, each.source, each.time_ns))


def _registry_update(home: str, time_ns: int, old: str, new: str, *, is_rename: bool) -> EventPoint:
    """A rename of an entity, or another change of its entry."""
    entity_id = new
    renamed = {"old_entity_id": old, "changes": {"entity_id": old}}
    data = json.dumps({"action": "update", "entity_id": entity_id, **(renamed if is_rename else {"changes": {}})})
    return EventPoint(
        home=home,
        event_type="entity_registry_updated",
        time_ns=time_ns + key_digits(data.encode()),
        domain=entity_id.partition(".")[0],
        entity_id=entity_id,
        data=data,
        weather=weather_at(home, time_ns + key_digits(data.encode())),
    )


@st.composite
def alerts(draw: st.DrawFn) -> Alert:
    """An alert of few rules, services and times, so that later versions of an alert occur."""
    since_ns = BASE_NS + draw(_offsets) * 1000
    acknowledged_ns = draw(st.one_of(st.none(), st.just(since_ns + 5)))
    return Alert(
        rule=draw(st.sampled_from(["lag", "gap_open"])),
        service=draw(st.sampled_from(["websocket-ingestion", "my, =%\n service"])),
        level=draw(st.sampled_from(AlertLevel)),
        message=draw(st.sampled_from(['say "x"', "back\\slash\\", "new\r\nline", "ünï 😀"])),
        since_ns=since_ns,
        raised_ns=since_ns + draw(st.integers(0, DAY_NS)),
        cleared_ns=draw(st.one_of(st.none(), st.integers(0, 50 * DAY_NS).map(lambda later: since_ns + later))),
        acknowledged_ns=acknowledged_ns,
        acknowledged_by=draw(st.sampled_from(["Ünna's phone", 'a "b"'])) if acknowledged_ns else None,
    )


@st.composite
def gaps(draw: st.DrawFn) -> Gap:
    """A gap of few homes, times and reasons, so that later versions of a gap occur."""
    start_ns = BASE_NS + draw(_offsets) * 1000
    status = draw(st.sampled_from(GapStatus))
    return Gap(
        home=draw(st.sampled_from(["home", "cabin", "ho,me =%\n"])),
        start_ns=start_ns,
        end_ns=start_ns + draw(st.one_of(st.integers(0, 3), st.integers(0, 50 * DAY_NS))),
        reason=draw(st.sampled_from(GapReason)),
        status=status,
        entities=draw(st.integers(0, 100)),
        recovered=draw(st.integers(0, 10_000)),
        known=draw(st.integers(0, 3)),
        lost=draw(st.lists(st.sampled_from(["", 'say "x"', "back\\slash\\", "new\r\nline", "ünï 😀"]), max_size=3)),
        found_ns=start_ns + draw(st.integers(0, DAY_NS)),
        closed_ns=None if status is GapStatus.OPEN else start_ns + draw(st.integers(0, DAY_NS)),
    )


@st.composite
def time_ranges(draw: st.DrawFn) -> TimeRange:
    """Ranges with unaligned ends, around and beside the events."""
    start = BASE_NS + draw(_offsets) * 1000 + draw(st.integers(-1000, 1000))
    length = draw(st.one_of(st.integers(1, 2 * MINUTE_NS), st.integers(1, 3 * HOUR_NS), st.integers(1, 60 * DAY_NS)))
    return TimeRange(start, start + length)


def moments() -> st.SearchStrategy[int | None]:
    """Times of rollups after a write, if any: before, among and after the events."""
    return st.one_of(st.none(), st.builds(lambda offset: BASE_NS + offset * 1000, _offsets), st.just(BASE_NS + DAY_NS))


def service_reports() -> st.SearchStrategy[list[list[ServiceMetricsPoint]]]:
    """Reports in a few writes, at most one per instance and nanosecond."""
    points = st.lists(
        service_points(), max_size=30, unique_by=lambda point: (point.service, point.instance, point.time_ns)
    )
    return points.map(lambda all_points: [all_points[start : start + 10] for start in range(0, len(all_points), 10)])


@st.composite
def signs_of_life(draw: st.DrawFn) -> Alive:
    """A sign of life of one of the entities of the events."""
    home = draw(st.sampled_from(["home", "cabin"]))
    return Alive(home, draw(st.sampled_from(_ENTITIES)), BASE_NS + draw(_offsets) * 1000)


@st.composite
def service_points(draw: st.DrawFn) -> ServiceMetricsPoint:
    """A report of a service; some lack fields, as reports of other programs may."""
    cumulative = draw(st.lists(st.integers(0, 50), min_size=len(LATENCY_BUCKETS), max_size=len(LATENCY_BUCKETS)))
    counters = {c.value: draw(st.integers(0, 1000)) for c in draw(st.sets(st.sampled_from(Counter)))}
    counters |= dict(zip(LATENCY_BUCKETS, sorted(cumulative), strict=True)) if draw(st.booleans()) else {}
    levels = {
        level.value: draw(st.floats(0, 1e6)) for level in draw(st.sets(st.sampled_from(Level), min_size=not counters))
    }
    return ServiceMetricsPoint(
        service=draw(st.sampled_from(["websocket-ingestion", "enrichment-pipeline", "test-service"])),
        instance=draw(st.sampled_from(["", "a"])),
        time_ns=BASE_NS + draw(_offsets) * 1000,
        counters=counters,
        levels=levels,
    )
