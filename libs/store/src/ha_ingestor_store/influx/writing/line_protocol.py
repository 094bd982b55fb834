"""Line protocol: points as lines of text, as pure functions; 160,000 whole events a second.

Tags are sorted by key, numbers of events are floats, counters are integers; what is None is left out. So is an empty
text, whose field is named in the field `empty` instead: Flux of 2.7.12 reads the values behind an empty one shifted by
one, each at its neighbour's time, or panics.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from ha_ingestor_core.alerts import Alert
from ha_ingestor_core.alive import Alive
from ha_ingestor_core.events import OriginKind
from ha_ingestor_core.gaps import Gap
from ha_ingestor_core.service_metrics import ServiceMetricsPoint

from ha_ingestor_store.influx.schema import (
    ALERTS,
    ALIVE,
    EMPTY,
    EVENTS,
    GAPS,
    RENAMES,
    SEEN,
    SERVICE_METRICS,
    TEXT_FIELDS,
    WEATHER,
    WEATHER_PREFIX,
)
from ha_ingestor_store.influx.tags import encode_tag
from ha_ingestor_store.points import FACTS, EventPoint, Facts, SeriesKey, Weather, WeatherObservation
from ha_ingestor_store.renames import Rename
from ha_ingestor_store.time_range import HOUR_NS

MAX_TEXT_BYTES = 1_000_000
"""The longest payload of a rejected event: 2.7.12 takes 1,048,576 bytes in one string field, 1.6.7 more."""

_SERIES_LIMIT = 200_000
_FACTS_LIMIT = 20_000
_FACTS_CHARACTERS = 16_000_000
_WEATHER_LIMIT = 1_000
_KIND = {kind: f'origin_kind="{kind.value}"' for kind in OriginKind}
_TAG_ESCAPES = str.maketrans({",": "\\,", "=": "\\=", " ": "\\ "})


class EventEncoder:
    """Events as lines; remembers the text of every series, and of the names and attributes that repeat."""

    def __init__(self) -> None:
        self._series: dict[SeriesKey, str] = {}
        self._facts: dict[Facts, str] = {}
        self._facts_characters = 0
        self._weathers: dict[Weather, str] = {}
        self._weather: Weather | None = None
        self._weather_text = ""

    def line(self, point: EventPoint) -> str:
        """The line of one event."""
        key = (point.home, point.event_type, point.domain, point.entity_id)
        series = self._series.get(key) or self._remember_series(key)
        names = point.facts
        facts = self._facts.get(names)
        if facts is None:
            facts = self._remember_facts(names)
        if point.weather is not self._weather:  # events of one time share it, and its hash is that of six fields
            self._take_up(point.weather)
        return f"{series} {_always(point)}{facts}{self._weather_text}{_own_fields(point, names)} {point.time_ns}"

    def _remember_series(self, key: SeriesKey) -> str:
        if len(self._series) >= _SERIES_LIMIT:
            self._series.clear()
        home, event_type, domain, entity_id = key
        tags = {"home": home, "event_type": event_type, "domain": domain, "entity_id": entity_id}
        series = self._series[key] = series_text(EVENTS, tags)
        return series

    def _remember_facts(self, facts: Facts) -> str:
        text = "".join(f",{name}={quoted(value)}" for name, value in zip(FACTS, facts, strict=True) if value)
        self._facts_characters += len(text)
        if len(self._facts) >= _FACTS_LIMIT or self._facts_characters > _FACTS_CHARACTERS:
            self._facts.clear()
            self._facts_characters = len(text)
        self._facts[facts] = text
        return text

    def _take_up(self, weather: Weather | None) -> None:
        self._weather = weather
        self._weather_text = ""
        if weather is None:
            return
        text = self._weathers.get(weather)
        if text is None:
            if len(self._weathers) >= _WEATHER_LIMIT:
                self._weathers.clear()
            text = "".join(f",{field}" for field in _weather_fields(weather, WEATHER_PREFIX))
            self._weathers[weather] = text
        self._weather_text = text


def _always(point: EventPoint) -> str:
    return f"count=1.0,removed={'true' if point.removed else 'false'},{_KIND[point.origin_kind]}"


def _own_fields(point: EventPoint, names: Facts) -> str:
    """What nearly every event has of its own: a text apart, since adding to a long line copies it each time."""
    fields = "" if point.value is None else f",value={point.value!r}"
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
    return fields


def service_metrics_line(point: ServiceMetricsPoint) -> str | None:
    """The line of one report; None where it reports nothing."""
    fields = [f"{name}={value}i" for name, value in point.counters.items()]
    fields += [f"{name}={float(value)!r}" for name, value in point.levels.items()]
    if not fields:
        return None
    series = series_text(SERVICE_METRICS, {"service": point.service, "instance": point.instance})
    return f"{series} {','.join(fields)} {point.time_ns}"


def weather_line(observation: WeatherObservation) -> str:
    """The line of one observation of the weather."""
    series = series_text(WEATHER, {"home": observation.home, "source": observation.source})
    return f"{series} {','.join(_weather_fields(observation.weather))} {observation.time_ns}"


def alive_line(sign: Alive) -> str:
    """The line of a sign of life; a later one of the same hour takes its place."""
    series = series_text(ALIVE, {"home": sign.home, "entity_id": sign.entity_id})
    return f"{series} {SEEN}={sign.time_ns}i {sign.time_ns // HOUR_NS * HOUR_NS}"


def rename_line(rename: Rename) -> str:
    """The line of a rename."""
    return text_line(RENAMES, rename.new_id, rename.time_ns, {"home": rename.home, "entity_id": rename.old_id})


def gap_line(gap: Gap) -> str:
    """The line of one gap; it has every field, so that nothing of an earlier version shows through: 0 is no time."""
    lost = msgspec.json.encode(_as_many_as_fit(gap.lost)).decode()
    fields = (
        f"end_ns={gap.end_ns}i,status={quoted(gap.status)},entities={gap.entities}i,recovered={gap.recovered}i,"
        f"known={gap.known}i,lost={quoted(lost)},found_ns={gap.found_ns}i,closed_ns={gap.closed_ns or 0}i"
    )
    return f"{series_text(GAPS, {'home': gap.home, 'reason': gap.reason})} {fields} {gap.start_ns}"


def alert_line(alert: Alert) -> str:
    """The line of one alert; it has every field, so that nothing of an earlier version shows through: 0 is no time."""
    fields = (
        f"level={quoted(alert.level)},message={quoted(_cut(alert.message))},raised_ns={alert.raised_ns}i,"
        f"cleared_ns={alert.cleared_ns or 0}i,acknowledged_ns={alert.acknowledged_ns or 0}i"
    )
    if alert.acknowledged_by:  # an empty text is no field; without a time the name of an earlier version means nothing
        fields += f",acknowledged_by={quoted(alert.acknowledged_by)}"
    return f"{series_text(ALERTS, {'rule': alert.rule, 'service': alert.service})} {fields} {alert.since_ns}"


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


def _weather_fields(weather: Weather, prefix: str = "") -> list[str]:
    return [
        f"{prefix}{name}={quoted(value) if isinstance(value, str) else repr(float(value))}"
        for name, value in msgspec.structs.asdict(weather).items()
        if value is not None
    ]


def _cut(text: str) -> str:
    """The text, cut where it is longer than a field may be; the mark says how long it was."""
    whole = text.encode(errors="backslashreplace")
    if len(whole) <= MAX_TEXT_BYTES:
        return text
    return whole[:MAX_TEXT_BYTES].decode(errors="ignore") + f"… (cut; {len(whole)} bytes)"


def _as_many_as_fit(texts: Sequence[str]) -> list[str]:
    """The texts whose JSON a field can hold; a last one says how many there are beyond."""
    room = MAX_TEXT_BYTES
    for at, text in enumerate(texts):
        room -= len(msgspec.json.encode(text)) + 1
        if room < 0:
            return [*texts[:at], f"… and {len(texts) - at} more"]
    return list(texts)
