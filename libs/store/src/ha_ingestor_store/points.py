"""What is written to the store: one typed point per measurement, whose key depends only on the event."""

from __future__ import annotations

import re
from hashlib import blake2b
from zlib import crc32

import msgspec
from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_core.delivery import ReplayOutcome
from ha_ingestor_core.events import OriginKind
from msgspec import Struct

SeriesKey = tuple[str, str, str | None, str | None]
"""The tags of an event: home, event_type, domain, entity_id."""


Facts = tuple[str | None, ...]
FACTS = (
    "unit", "friendly_name", "area", "device", "device_class", "attributes", "floor", "labels", "integration",
)  # fmt: skip
"""What rarely changes about an entity; the embedded store keeps each distinct set once."""


class Weather(Struct, frozen=True, gc=False):
    """The weather outside, in metric units; None is unknown, and at least one value is known.

    `condition` is one of Home Assistant's conditions (sunny, rainy, clear-night, …), never empty. Numbers are finite.
    """

    condition: str | None = None
    temperature_c: float | None = None
    humidity_percent: float | None = None
    pressure_hpa: float | None = None
    wind_speed_kmh: float | None = None
    wind_bearing_deg: float | None = None


WEATHER_HOLDS_NS = 7_200 * NS_PER_S
"""How long an observation usually holds for the events after it."""


class WeatherObservation(Struct, frozen=True):
    """One point of `weather`. Its key is (home, source, time_ns).

    `source` is the weather entity, or the name of the weather service. An observation is the weather of the events of
    its home after it, until the next observation and for at most `holds_ns`.
    """

    home: str
    source: str
    time_ns: int
    weather: Weather
    holds_ns: int = WEATHER_HOLDS_NS


class EventPoint(Struct, frozen=True, gc=False):
    """One event of `home_assistant_events`. Its key is (home, event_type, domain, entity_id, time_ns).

    `attributes` and `data` are JSON texts, `state` and `old_state` strings, all exactly as Home Assistant sent them.
    `labels` is a JSON array of names. `weather` is the weather at the time of the event, if known.
    """

    home: str
    event_type: str
    time_ns: int
    domain: str | None = None
    entity_id: str | None = None
    state: str | None = None
    value: float | None = None
    old_state: str | None = None
    unit: str | None = None
    friendly_name: str | None = None
    area: str | None = None
    device: str | None = None
    device_class: str | None = None
    attributes: str | None = None
    data: str | None = None
    removed: bool = False
    context_id: str | None = None
    context_parent_id: str | None = None
    context_user_id: str | None = None
    origin: str | None = None
    origin_kind: OriginKind = OriginKind.LIVE
    weather: Weather | None = None
    floor: str | None = None
    labels: str | None = None
    integration: str | None = None

    @property
    def facts(self) -> Facts:
        """What rarely changes, in the order of FACTS."""
        return (
            self.unit,
            self.friendly_name,
            self.area,
            self.device,
            self.device_class,
            self.attributes,
            self.floor,
            self.labels,
            self.integration,
        )

    @property
    def series_key(self) -> SeriesKey:
        """The tags, which with the time form the key of the point."""
        return (self.home, self.event_type, self.domain, self.entity_id)


class RejectedEvent(Struct, frozen=True):
    """A rejected event: kept whole, with the reason. `payload` is the JSON that was received.

    `id` is computed from its key (time_ns, home, service, key, payload), or given if the payload is not whole. After a
    replay, `replayed_ns` is its time and `outcome` its result.
    """

    home: str
    time_ns: int
    service: str
    key: str
    message: str
    payload: str
    origin_kind: OriginKind = OriginKind.LIVE
    replayed_ns: int | None = None
    outcome: ReplayOutcome | None = None
    id: str = ""

    def __post_init__(self) -> None:
        if not self.id:
            made = rejected_id(self.time_ns, self.home, self.service, self.key, self.payload)
            msgspec.structs.force_setattr(self, "id", made)


def tags_order(key: SeriesKey) -> tuple[str, ...]:
    """Sort key of events at one nanosecond: a missing tag sorts first."""
    return tuple(tag or "" for tag in key)


def newest_first(point: EventPoint) -> tuple[int, tuple[str, ...]]:
    """Sort key of events: newest first, within one nanosecond by their tags."""
    return (-point.time_ns, tags_order(point.series_key))


def oldest_first(point: EventPoint) -> tuple[int, tuple[str, ...]]:
    """Sort key of events: by time, then by tags."""
    return (point.time_ns, tags_order(point.series_key))


def weather_oldest_first(observation: WeatherObservation) -> tuple[int, str, str]:
    """Sort key of weather observations: by time, then by home and source."""
    return (observation.time_ns, observation.home, observation.source)


def key_digits(identity: bytes) -> int:
    """Return the digits below the microsecond (0-999) that distinguish events of one series in one microsecond."""
    return crc32(identity) % 1000


def event_id(key: SeriesKey, time_ns: int) -> str:
    """Return the id of an event for the API: its time and a hash of its tags, the same in every dialect."""
    tags = "\x00".join("\x01" if tag is None else tag for tag in key)
    return f"{time_ns:016x}-{blake2b(tags.encode(), digest_size=8).hexdigest()}"


def event_time_ns(event_id: str) -> int | None:
    """Return the time in the id of an event; None if the id is invalid."""
    return _time_in(event_id)


def rejected_id(time_ns: int, home: str, service: str, key: str, payload: str) -> str:
    """Return the id of a rejected event: its time and a hash of its key, the same in every dialect."""
    text = "\x00".join((str(time_ns), home, service, key, payload)).encode(errors="backslashreplace")
    return f"{time_ns:016x}-{blake2b(text, digest_size=8).hexdigest()}"


def rejected_time_ns(rejected_id: str) -> int | None:
    """Return the time in the id of a rejected event; None if the id is invalid."""
    return _time_in(rejected_id)


def _time_in(id_: str) -> int | None:
    match = _ID.fullmatch(id_)
    time_ns = int(match[1], 16) if match else None
    return time_ns if time_ns is not None and -(2**63) <= time_ns < 2**63 else None


_ID = re.compile(r"(-?[0-9a-f]{15,16})-[0-9a-f]{16}")
