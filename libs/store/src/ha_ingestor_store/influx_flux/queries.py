"""Flux as text, as pure functions: what storage can push down comes first, values are literals of literals.py.

Grouping comes before windows (the other way round is 4 to 30 times slower); several parts are several results of one
request. Times that must be exact are asked for as integers, since the client reads times to the microsecond only, and
texts as JSON: the CSV of an answer makes every line feed a CR LF and drops lone CRs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ha_ingestor_core.events import STATE_CHANGED
from ha_ingestor_core.gaps import GapStatus

from ha_ingestor_store.influx.reading.language import Entity, EventFilter, Part
from ha_ingestor_store.influx.reading.records import KNOWN_FIELDS
from ha_ingestor_store.influx.schema import (
    ALERTS,
    ALIVE,
    COUNT,
    EMPTY,
    EVENTS,
    GAPS,
    LEVEL_METRICS,
    MAX_TIME_NS,
    MIN_TIME_NS,
    PROGRESS,
    PROGRESS_TIME_NS,
    RENAMES,
    SERVICE_METRICS,
    SUMMED_METRICS,
    WEATHER,
)
from ha_ingestor_store.influx.tags import encode_tag, glob_expression
from ha_ingestor_store.influx_flux.literals import duration, regex, string, strings, time
from ha_ingestor_store.questions import Homes
from ha_ingestor_store.service_windows import HIGHEST_LEVELS

PARTS = "parts"
"""What the names of results begin with."""


class Queries:
    """The questions over one bucket and its bucket of rollups."""

    def __init__(self, bucket: str, rollups_bucket: str) -> None:
        self._bucket = bucket
        self._rollups_bucket = rollups_bucket

    def counts(self, parts: Sequence[Part], by: tuple[str, ...]) -> str:
        """One result a part: sums of `count` by tags."""
        return _results(f"{self._counted(part)}{_group(by)} |> sum()" for part in parts)

    def window_counts(self, parts: Sequence[Part], window_ns: int) -> str:
        """One result a part: sums of `count` by window."""
        return _results(f"{self._counted(part)}{_group(())}{_windows(window_ns, 'sum')}" for part in parts)

    def window_sums(self, part: Part, window_ns: int, by: tuple[str, ...], fields: tuple[str, ...]) -> str:
        """One result a function: sums of fields, and the highest of levels, by window and tags."""
        summed = tuple(field for field in fields if field not in HIGHEST_LEVELS)
        highest = tuple(field for field in fields if field in HIGHEST_LEVELS)
        grouped = _group((*by, "_field"))
        return _results(
            f"{self._part(part)}{_filter(_one_of('_field', names))}{grouped}{_windows(window_ns, function)}"
            for names, function in ((summed, "sum"), (highest, "max"))
            if names
        )

    def event_counts(self, wanted: EventFilter, ranges: Sequence[tuple[int, int]]) -> str:
        """One result a range, in their order: how many events it holds."""
        return _results(
            f"{self._events(wanted, start_ns, end_ns)}{_one_field(wanted)}{_group(())} |> count()"
            for start_ns, end_ns in ranges
        )

    def event_times(self, wanted: EventFilter, start_ns: int, end_ns: int) -> str:
        """The times of the events of a short range."""
        return f"{self._events(wanted, start_ns, end_ns)}{_one_field(wanted)}{_group(())}{_EXACT_TIME}"

    def events(self, wanted: EventFilter, start_ns: int, end_ns: int, entity_ids: Iterable[str] | None = None) -> str:
        """Whole events of a range, of these entities or (None) of all, a row a field; of any area."""
        whose = "" if entity_ids is None else _filter(_entity_is_one_of(entity_ids))
        return f"{_IMPORT_JSON}{self._events(wanted, start_ns, end_ns)}{whose}{_DROP}{_EXACT}{_group(())}"

    def states(self, entity: Entity, start_ns: int, end_ns: int, limit: int, *, newest_first: bool = False) -> str:
        """States with their units, a row a field, at most `limit` of each field."""
        source = self._entity(entity, start_ns, end_ns)
        fields = _filter(_one_of("_field", ("state", "value", "removed", "unit", "empty")))
        order = ", desc: true" if newest_first else ""
        # A table has one type of values, so the fields stay apart; within each the series are merged by time.
        ordered = f'{_group(("_field",))} |> sort(columns: ["_time"]{order}) |> limit(n: {limit})'
        return f"{_IMPORT_JSON}{source}{fields}{ordered}{_DROP}{_EXACT}"

    def last_unit(self, entity: Entity, start_ns: int, end_ns: int) -> str:
        """The newest unit of each series."""
        source = self._entity(entity, start_ns, end_ns)
        return f"{_IMPORT_JSON}{source}{_filter(_field_is('unit'))} |> last(){_DROP}{_EXACT}"

    def known_entities(self, entity_id: str | None, homes: Homes, start_ns: int, end_ns: int) -> str:
        """The newest value of every field that entities are known by, a row each."""
        conditions = [_tag_is("event_type", STATE_CHANGED), _one_of("_field", (*KNOWN_FIELDS, EMPTY))]
        if entity_id is not None:
            conditions.append(_tag_is("entity_id", entity_id))
        source = f"{self._source(EVENTS, start_ns, end_ns)}{_filter(*conditions, *_homes_are(homes))}"
        return f"{_IMPORT_JSON}{source} |> last(){_DROP}{_EXACT}"

    def heads(self, start_ns: int, end_ns: int) -> str:
        """The newest event of every series in a range."""
        source = self._source(EVENTS, start_ns, end_ns)
        return f"{source}{_filter(_field_is('origin_kind'))} |> last(){_DROP}{_EXACT_TIME}"

    def keys(self, entity_ids: Sequence[str] | None, start_ns: int, end_ns: int) -> str:
        """The events of a range, of some entities or of all."""
        source = self._source(EVENTS, start_ns, end_ns)
        conditions = [_field_is("origin_kind")]
        if entity_ids is not None:
            conditions.append(_entity_is_one_of(entity_ids))
        return f"{source}{_filter(*conditions)}{_DROP}{_EXACT_TIME}"

    def entity_heads(self, start_ns: int, end_ns: int, entity_ids: Sequence[str] | None) -> str:
        """The newest state change of every series, or of those of some entities."""
        conditions = [_tag_is("event_type", STATE_CHANGED), _field_is("removed")]
        if entity_ids is not None:
            conditions.append(_entity_is_one_of(entity_ids))
        return f"{self._source(EVENTS, start_ns, end_ns)}{_filter(*conditions)} |> last(){_DROP}{_EXACT_TIME}"

    def last_windows(self, part: Part) -> str:
        """The newest window of every series of a rollup with state changes."""
        return f"{self._counted(part)}{_filter(_tag_is('event_type', STATE_CHANGED))} |> last(){_DROP}{_EXACT_TIME}"

    def changed_windows(self, parts: Sequence[Part], entity_ids: Sequence[str], window_ns: int) -> str:
        """One result a part: the windows in which some entities changed."""
        changed = _filter(_tag_is("event_type", STATE_CHANGED), _entity_is_one_of(entity_ids))
        by_window = f"{_group(('home', 'entity_id'))}{_windows(window_ns, 'sum')}"
        return _results(f"{self._counted(part)}{changed}{by_window}" for part in parts)

    def last_signs(self, start_ns: int, end_ns: int) -> str:
        """The newest sign of life of every entity."""
        return f"{self._source(ALIVE, start_ns, end_ns)} |> last(){_DROP}{_EXACT_TIME}"

    def signs(self, entity_ids: Sequence[str], start_ns: int, end_ns: int) -> str:
        """The signs of life of some entities."""
        source = self._source(ALIVE, start_ns, end_ns)
        return f"{source}{_filter(_entity_is_one_of(entity_ids))}{_DROP}{_EXACT_TIME}"

    def renames(self) -> str:
        """All renames."""
        source = self._source(RENAMES, MIN_TIME_NS, MAX_TIME_NS, is_rollup=True)
        return f"{_IMPORT_JSON}{source}{_DROP}{_EXACT}"

    def service_sums(self, parts: Sequence[Part], names: tuple[str, ...], service: str | None) -> str:
        """One result a part: sums by service and field."""
        only = () if service is None else (_tag_is("service", service),)
        summed = f"{_filter(_one_of('_field', names), *only)}{_group(('service', '_field'))} |> sum()"
        return _results(f"{self._part(part)}{summed}" for part in parts)

    def level_means(self, service: str, start_ns: int, end_ns: int) -> str:
        """The means of a service's levels."""
        source = self._source(SERVICE_METRICS, start_ns, end_ns)
        levels = _filter(_tag_is("service", service), _one_of("_field", LEVEL_METRICS))
        return f"{source}{levels}{_group(('_field',))} |> mean()"

    def service_windows(
        self, service: str, name: str, parts: Sequence[Part], window_ns: int, *, is_summed: bool
    ) -> str:
        """One result a part: a metric by window, summed or averaged."""
        metric = _filter(_tag_is("service", service), _field_is(name))
        windows = _windows(window_ns, "sum" if is_summed else "mean")
        return _results(f"{self._part(part)}{metric}{_group(())}{windows}" for part in parts)

    def newest_reports(self, start_ns: int, end_ns: int, service: str | None) -> str:
        """The newest value of every field of every instance in a range."""
        source = self._source(SERVICE_METRICS, start_ns, end_ns)
        only = "" if service is None else _filter(_tag_is("service", service))
        known = _filter(_one_of("_field", (*SUMMED_METRICS, *LEVEL_METRICS)))
        return f"{source}{only}{known} |> last(){_DROP}{_EXACT_TIME}"

    def gaps(self, start_ns: int, end_ns: int, home: str | None, reaching_ns: int | None) -> str:
        """Gaps that begin in a range, a row each."""
        reaching = "" if reaching_ns is None else _filter(f"r.end_ns > {reaching_ns}")
        return f"{self._gaps(start_ns, end_ns, home)}{_ROWS}{reaching}{_DROP}{_EXACT_TIME}"

    def open_gaps(self, home: str | None) -> str:
        """How many gaps are open."""
        open_ones = _filter(_field_is("status"), f"r._value == {string(GapStatus.OPEN)}")
        return f"{self._gaps(MIN_TIME_NS, MAX_TIME_NS, home)}{open_ones}{_group(())} |> count()"

    def alerts(self, start_ns: int, end_ns: int, rule: str | None, reaching_ns: int | None) -> str:
        """Alerts that begin in a range, a row each."""
        source = self._source(ALERTS, start_ns, end_ns)
        of_rule = "" if rule is None else _filter(_tag_is("rule", rule))
        reaching = "" if reaching_ns is None else _filter(f"(r.cleared_ns == 0 or r.cleared_ns > {reaching_ns})")
        return f"{source}{of_rule}{_ROWS}{reaching}{_DROP}{_EXACT_TIME}"

    def weather(self, start_ns: int, end_ns: int, limit: int) -> str:
        """Observations of the weather, a row a field, the newest `limit` of each field."""
        source = self._source(WEATHER, start_ns, end_ns)
        newest = f' |> sort(columns: ["_time"], desc: true) |> limit(n: {limit})'
        return f"{_IMPORT_JSON}{source}{_group(('_field',))}{newest}{_DROP}{_EXACT}"

    def progress(self) -> str:
        """The texts of the rollups' progress, by owner."""
        source = self._source(PROGRESS, PROGRESS_TIME_NS, PROGRESS_TIME_NS + 1, is_rollup=True)
        return f"{source}{_DROP}"

    def first(self, measurement: str, start_ns: int, end_ns: int) -> str:
        """The first point of a measurement in a range, in one series or another; an event by the field of them all."""
        field = _filter(_field_is(COUNT)) if measurement == EVENTS else ""
        source = self._source(measurement, start_ns, end_ns)
        return f'{source}{field} |> first() |> keep(columns: ["_time"]){_EXACT_TIME}'

    def nothing(self) -> str:
        """A question that reads next to nothing."""
        return f"{self._source(EVENTS, 0, 1)}{_filter(_field_is(COUNT))} |> limit(n: 1)"

    def _source(self, measurement: str, start_ns: int, end_ns: int, *, is_rollup: bool = False) -> str:
        bucket = self._rollups_bucket if is_rollup else self._bucket
        return (
            f"from(bucket: {string(bucket)}) |> range(start: {time(start_ns)}, stop: {time(end_ns)})"
            f"{_filter(f'r._measurement == {string(measurement)}')}"
        )

    def _counted(self, part: Part) -> str:
        return f"{self._part(part)}{_filter(_field_is(COUNT))}"

    def _part(self, part: Part) -> str:
        return self._source(part.measurement, part.start_ns, part.end_ns, is_rollup=part.is_rollup)

    def _events(self, wanted: EventFilter, start_ns: int, end_ns: int) -> str:
        conditions = []
        if wanted.entity_id is not None:
            conditions.append(f"r.entity_id =~ {regex(glob_expression(wanted.entity_id))}")
        if wanted.domain is not None:
            conditions.append(_tag_is("domain", wanted.domain))
        if wanted.event_type is not None:
            conditions.append(_tag_is("event_type", wanted.event_type))
        conditions += _homes_are(wanted.homes)
        source = self._source(EVENTS, start_ns, end_ns)
        return f"{source}{_filter(*conditions)}" if conditions else source

    def _gaps(self, start_ns: int, end_ns: int, home: str | None) -> str:
        source = self._source(GAPS, start_ns, end_ns)
        return source if home is None else f"{source}{_filter(_tag_is('home', home))}"

    def _entity(self, entity: Entity, start_ns: int, end_ns: int) -> str:
        source = self._source(EVENTS, start_ns, end_ns)
        same = (_tag_is("event_type", STATE_CHANGED), _tag_is("entity_id", entity.entity_id))
        return f"{source}{_filter(*same, *_homes_are(entity.homes))}"


_DROP = ' |> drop(columns: ["_start", "_stop", "_measurement"])'
_ROWS = ' |> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value")'
_EXACT_TIME = " |> map(fn: (r) => ({r with _time: int(v: r._time)}))"
_IMPORT_JSON = 'import "json"\n'
_EXACT = " |> map(fn: (r) => ({r with _time: int(v: r._time), _value: string(v: json.encode(v: r._value))}))"


def _filter(*conditions: str) -> str:
    return f" |> filter(fn: (r) => {' and '.join(conditions)})"


def _group(tags: tuple[str, ...]) -> str:
    return f" |> group(columns: {strings(tags)})" if tags else " |> group()"


def _windows(window_ns: int, function: str) -> str:
    return f' |> aggregateWindow(every: {duration(window_ns)}, fn: {function}, createEmpty: false, timeSrc: "_start")'


def _field_is(name: str) -> str:
    return f"r._field == {string(name)}"


def _tag_is(name: str, value: str) -> str:
    return f"r.{name} == {string(encode_tag(value))}"


def _one_field(wanted: EventFilter) -> str:
    """One row for each wanted event: by the field that all have, or by the area where one is wanted."""
    if wanted.area is None:
        return _filter(_field_is(COUNT))
    return _filter(_field_is("area"), f"r._value == {string(wanted.area)}")


def _entity_is_one_of(entity_ids: Iterable[str]) -> str:
    return _one_of("entity_id", map(encode_tag, entity_ids))


def _homes_are(homes: Homes) -> list[str]:
    if homes.only is not None:
        return [_tag_is("home", homes.only)]
    return [f"r.home != {string(encode_tag(home))}" for home in homes.but]


def _one_of(column: str, values: Iterable[str]) -> str:
    """Equality with one of several: what storage can filter by, other than contains()."""
    return f"({' or '.join(f'r.{column} == {string(value)}' for value in values)})"


def _results(questions: Iterable[str]) -> str:
    return _named(*((f"{PARTS}{at}", question) for at, question in enumerate(questions)))


def _named(*results: tuple[str, str]) -> str:
    if len(results) == 1:
        return results[0][1]
    return "\n".join(f"{question} |> yield(name: {string(name)})" for name, question in results)
