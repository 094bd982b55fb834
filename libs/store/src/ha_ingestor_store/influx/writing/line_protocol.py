"""Line protocol: points as lines of text, as pure functions.

Tags are sorted by key, numbers of events are floats, counters are integers; what is None is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from ha_ingestor_core.alerts import Alert
from ha_ingestor_core.alive import Alive
from ha_ingestor_core.gaps import Gap
from ha_ingestor_core.service_metrics import ServiceMetricsPoint

from ha_ingestor_store.influx.schema import (
    ALERTS,
    ALIVE,
    GAPS,
    HOLDS,
    RENAMES,
    SEEN,
    SERVICE_METRICS,
    WEATHER,
)
from ha_ingestor_store.influx.tags import encode_tag
from ha_ingestor_store.points import WEATHER_HOLDS_NS, WeatherObservation
from ha_ingestor_store.renames import Rename
from ha_ingestor_store.time_range import HOUR_NS

MAX_TEXT_BYTES = 1_000_000
"""The longest payload of a rejected event: 2.7.12 takes 1,048,576 bytes in one string field, 1.6.7 more."""

_TAG_ESCAPES = str.maketrans({",": "\\,", "=": "\\=", " ": "\\ "})


def service_metrics_line(point: ServiceMetricsPoint) -> str | None:
    """The line of one report; None where it reports nothing."""
    fields = [f"{name}={value}i" for name, value in point.counters.items()]
    fields += [f"{name}={float(value)!r}" for name, value in point.levels.items()]
    if not fields:
        return None
    series = series_text(SERVICE_METRICS, {"service": point.service, "instance": point.instance})
    return f"{series} {','.join(fields)} {point.time_ns}"


def weather_line(observation: WeatherObservation) -> str:
    """The line of one observation of the weather, which says how long it holds where that is not the usual."""
    series = series_text(WEATHER, {"home": observation.home, "source": observation.source})
    fields = [
        f"{name}={quoted(value) if isinstance(value, str) else repr(float(value))}"
        for name, value in msgspec.structs.asdict(observation.weather).items()
        if value is not None
    ]
    if observation.holds_ns != WEATHER_HOLDS_NS:
        fields.append(f"{HOLDS}={observation.holds_ns}i")
    return f"{series} {','.join(fields)} {observation.time_ns}"


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
