"""Line protocol: points as lines of text, as pure functions; 160,000 whole events a second.

Tags are sorted by key, numbers of events are floats, counters are integers; what is None is left out. So is an empty
text, whose field is named in the field `empty` instead: Flux of 2.7.12 reads the values behind an empty one shifted by
one, each at its neighbour's time, or panics.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b

from ha_ingestor_core.clock import NS_PER_MS
from ha_ingestor_core.events import OriginKind
from ha_ingestor_core.service_metrics import ServiceMetricsPoint

from ha_ingestor_store.influx.schema import EMPTY, EVENTS, REJECTED, SERVICE_METRICS, TEXT_FIELDS
from ha_ingestor_store.influx.tags import encode_tag
from ha_ingestor_store.points import EventPoint, RejectedEvent, SeriesKey

MAX_TEXT_BYTES = 1_000_000
"""The longest payload of a rejected event: 2.7.12 takes 1,048,576 bytes in one string field, 1.6.7 more."""

_SERIES_LIMIT = 200_000
_FACTS_LIMIT = 20_000
_FACTS_CHARACTERS = 16_000_000
_KIND = {kind: f'origin_kind="{kind.value}"' for kind in OriginKind}
_TAG_ESCAPES = str.maketrans({",": "\\,", "=": "\\=", " ": "\\ "})

Facts = tuple[str | None, ...]


class EventEncoder:
    """Events as lines; remembers the text of every series, and of the names and attributes that repeat."""

    def __init__(self) -> None:
        self._series: dict[SeriesKey, str] = {}
        self._facts: dict[Facts, str] = {}
        self._facts_characters = 0

    def line(self, point: EventPoint) -> str:
        """The line of one event."""
        key = (point.home, point.event_type, point.domain, point.entity_id)
        series = self._series.get(key) or self._remember_series(key)
        names = (point.unit, point.friendly_name, point.area, point.device, point.device_class, point.attributes)
        facts = self._facts.get(names)
        if facts is None:
            facts = self._remember_facts(names)
        removed = "true" if point.removed else "false"
        fields = f"count=1.0,removed={removed},{_KIND[point.origin_kind]}{facts}"
        if point.value is not None:
            fields += f",value={point.value!r}"
        if point.state:
            fields += f",state={quoted(point.state)}"
        if point.old_state:
            fields += f",old_state={quoted(point.old_state)}"
        if point.data:
            fields += f",data={quoted(point.data)}"
        if point.context_id:
            fields += f",context_id={quoted(point.context_id)}"
        if point.context_parent_id:
            fields += f",context_parent_id={quoted(point.context_parent_id)}"
        if point.context_user_id:
            fields += f",context_user_id={quoted(point.context_user_id)}"
        if point.origin:
            fields += f",origin={quoted(point.origin)}"
        texts = (point.state, point.old_state, point.data, point.origin, point.context_id, point.context_parent_id)
        if "" in texts or "" in names or point.context_user_id == "":
            fields += f',{EMPTY}="{",".join(name for name in TEXT_FIELDS if getattr(point, name) == "")}"'
        return f"{series} {fields} {point.time_ns}"

    def _remember_series(self, key: SeriesKey) -> str:
        if len(self._series) >= _SERIES_LIMIT:
            self._series.clear()
        home, event_type, domain, entity_id = key
        tags = {"home": home, "event_type": event_type, "domain": domain, "entity_id": entity_id}
        series = self._series[key] = series_text(EVENTS, tags)
        return series

    def _remember_facts(self, facts: Facts) -> str:
        text = "".join(f",{name}={quoted(value)}" for name, value in zip(_FACTS_FIELDS, facts, strict=True) if value)
        self._facts_characters += len(text)
        if len(self._facts) >= _FACTS_LIMIT or self._facts_characters > _FACTS_CHARACTERS:
            self._facts.clear()
            self._facts_characters = len(text)
        self._facts[facts] = text
        return text


_FACTS_FIELDS = ("unit", "friendly_name", "area", "device", "device_class", "attributes")


def service_metrics_line(point: ServiceMetricsPoint) -> str | None:
    """The line of one report; None where it reports nothing."""
    fields = [f"{name}={value}i" for name, value in point.counters.items()]
    fields += [f"{name}={float(value)!r}" for name, value in point.levels.items()]
    if not fields:
        return None
    series = series_text(SERVICE_METRICS, {"service": point.service, "instance": point.instance})
    return f"{series} {','.join(fields)} {point.time_ns}"


def rejected_line(event: RejectedEvent) -> str:
    """The line of one rejected event.

    Events of one frame arrive in the same nanosecond, so the key's time is spread within its millisecond by a hash of
    the payload, and a slot of 256 tells apart the rest; the true time is a field.
    """
    digest = int.from_bytes(blake2b(event.payload.encode(errors="replace"), digest_size=8).digest(), "big")
    time_ns = event.time_ns // NS_PER_MS * NS_PER_MS + digest % NS_PER_MS
    tags = {"home": event.home, "service": event.service, "key": event.key, "slot": f"{digest // NS_PER_MS % 256:02x}"}
    fields = f"time_ns={event.time_ns}i,message={quoted(_cut(event.message))}"
    if event.payload:
        fields += f",payload={quoted(_cut(event.payload))}"
    return f"{series_text(REJECTED, tags)} {fields} {time_ns}"


def count_line(measurement: str, tags: Mapping[str, str | None], fields: Mapping[str, float], time_ns: int) -> str:
    """The line of one window of a rollup."""
    return f"{series_text(measurement, tags)} {','.join(f'{n}={v!r}' for n, v in fields.items())} {time_ns}"


def text_line(measurement: str, text: str, time_ns: int, tags: Mapping[str, str | None] | None = None) -> str:
    """The line of a point that holds one text, in the field `state`."""
    return f"{series_text(measurement, tags or {})} state={quoted(text)} {time_ns}"


def series_text(measurement: str, tags: Mapping[str, str | None]) -> str:
    """Measurement and tags, sorted by key; a tag that is None or empty is left out, since none can be empty."""
    present = sorted((key, value) for key, value in tags.items() if value)
    return measurement + "".join(f",{key}={encode_tag(value).translate(_TAG_ESCAPES)}" for key, value in present)


def quoted(text: str) -> str:
    """A string field."""
    if "\\" in text:
        text = text.replace("\\", "\\\\")
    if '"' in text:
        text = text.replace('"', '\\"')
    return f'"{text}"'


def _cut(text: str) -> str:
    """The text, cut where it is longer than a field may be; the mark says how long it was."""
    whole = text.encode(errors="backslashreplace")
    if len(whole) <= MAX_TEXT_BYTES:
        return text
    return whole[:MAX_TEXT_BYTES].decode(errors="ignore") + f"… (cut; {len(whole)} bytes)"
