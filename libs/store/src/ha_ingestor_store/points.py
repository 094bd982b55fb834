"""What is written to the store: one typed point per measurement, its key derived from the event alone."""

from __future__ import annotations

import re
from hashlib import blake2b
from zlib import crc32

import msgspec
from ha_ingestor_core.delivery import ReplayOutcome
from ha_ingestor_core.events import OriginKind
from msgspec import Struct

SeriesKey = tuple[str, str, str | None, str | None]
"""The tags of an event: home, event_type, domain, entity_id."""


Facts = tuple[str | None, ...]
FACTS = (
    "unit", "friendly_name", "area", "device", "device_class", "attributes", "floor", "labels", "integration",
)  # fmt: skip
"""What rarely changes about an entity, and is stored once for each distinct set where a store can do so."""


class Weather(Struct, frozen=True, gc=False):
    """The weather outside, in metric units; None is unknown, and something always is known.

    `condition` is one of Home Assistant's words (sunny, rainy, clear-night, …), never empty. Numbers are finite.
    """

    condition: str | None = None
    temperature_c: float | None = None
    humidity_percent: float | None = None
    pressure_hpa: float | None = None
    wind_speed_kmh: float | None = None
    wind_bearing_deg: float | None = None


class WeatherObservation(Struct, frozen=True):
    """One point of `weather`. Its key is (home, source, time_ns).

    `source` is the entity that told it, or the name of the service that was asked.
    """

    home: str
    source: str
    time_ns: int
    weather: Weather


class EventPoint(Struct, frozen=True, gc=False):
    """One event of `home_assistant_events`. Its key is (home, event_type, domain, entity_id, time_ns).

    `attributes` and `data` are JSON texts, `state` and `old_state` strings, all exactly as Home Assistant sent them.
    `labels` is a JSON array of names. `weather` is the weather at the event's time, where it was known.
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
        """The tags, which with the time are the point's key."""
        return (self.home, self.event_type, self.domain, self.entity_id)


class RejectedEvent(Struct, frozen=True):
    """An event that was not stored: kept whole, with the reason. `payload` is the JSON that came.

    Its key is (time_ns, home, service, key, payload), of which `id` is made. Once it was delivered again, `replayed_ns`
    says when and `outcome` how that ended. `id` is only given where the payload is not whole.
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
    """What orders events of one nanosecond: a tag that is left out comes first."""
    return tuple(tag or "" for tag in key)


def oldest_first(point: EventPoint) -> tuple[int, tuple[str, ...]]:
    """What orders events by their time, then by their tags."""
    return (point.time_ns, tags_order(point.series_key))


def weather_oldest_first(observation: WeatherObservation) -> tuple[int, str, str]:
    """What orders observations of the weather by their time, then by who told them."""
    return (observation.time_ns, observation.home, observation.source)


def key_digits(identity: bytes) -> int:
    """The three digits below the microsecond (0-999) that tell apart events of one series in one microsecond."""
    return crc32(identity) % 1000


def event_id(key: SeriesKey, time_ns: int) -> str:
    """The id of an event for the API: its time and a hash of its tags, the same in every dialect."""
    tags = "\x00".join("\x01" if tag is None else tag for tag in key)
    return f"{time_ns:016x}-{blake2b(tags.encode(), digest_size=8).hexdigest()}"


def event_time_ns(event_id: str) -> int | None:
    """The time in the id of an event; None where it is no such id."""
    return _time_in(event_id)


def rejected_id(time_ns: int, home: str, service: str, key: str, payload: str) -> str:
    """The id of a rejected event: its time and a hash of its key, the same in every dialect."""
    text = "\x00".join((str(time_ns), home, service, key, payload)).encode(errors="backslashreplace")
    return f"{time_ns:016x}-{blake2b(text, digest_size=8).hexdigest()}"


def rejected_time_ns(rejected_id: str) -> int | None:
    """The time in the id of a rejected event; None where it is no such id."""
    return _time_in(rejected_id)


def _time_in(id_: str) -> int | None:
    match = _ID.fullmatch(id_)
    time_ns = int(match[1], 16) if match else None
    return time_ns if time_ns is not None and -(2**63) <= time_ns < 2**63 else None


_ID = re.compile(r"(-?[0-9a-f]{15,16})-[0-9a-f]{16}")
