"""InfluxQL as text, as pure functions: strings are bound as parameters, times and windows are integers of ours.

Only names of ours and the expression of a glob, in which every character but letters and digits is its code, are
pasted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ha_ingestor_core.events import STATE_CHANGED
from ha_ingestor_core.gaps import GapStatus
from msgspec import Struct

from ha_ingestor_store.influx.reading.language import Entity, EventFilter, Part
from ha_ingestor_store.influx.reading.records import KNOWN_FIELDS
from ha_ingestor_store.influx.schema import (
    ALERTS,
    ALIVE,
    COUNT,
    EMPTY,
    EVENT_TAGS,
    EVENTS,
    GAPS,
    LEVEL_METRICS,
    MAX_TIME_NS,
    MIN_TIME_NS,
    PROGRESS,
    PROGRESS_TIME_NS,
    RENAMES,
    SEEN,
    SERVICE_METRICS,
    WEATHER,
)
from ha_ingestor_store.influx.tags import encode_tag, glob_expression
from ha_ingestor_store.questions import Homes
from ha_ingestor_store.service_windows import HIGHEST_LEVELS
from ha_ingestor_store.time_range import MINUTE_NS


class Question(Struct, frozen=True):
    """One request: statements, and the values of the `$` names in them."""

    text: str
    params: dict[str, str] = {}


class _Statements:
    """Statements that share their parameters."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._params: dict[str, str] = {}

    def bind(self, value: str) -> str:
        """The name that stands for a value."""
        for name, known in self._params.items():
            if known == value:
                return f"${name}"
        name = f"p{len(self._params)}"
        self._params[name] = value
        return f"${name}"

    def add(self, text: str) -> None:
        """One more statement."""
        self._texts.append(text)

    def question(self) -> Question:
        """All of them."""
        return Question("; ".join(self._texts), self._params)


class Queries:
    """The questions over one database, whose rollups are in a retention policy of their own."""

    def __init__(self, rollups_policy: str) -> None:
        self._rollups = identifier(rollups_policy)

    def counts(self, parts: Sequence[Part], by: tuple[str, ...]) -> Question:
        """One statement a part: sums of `count` by tags."""
        return self._each(parts, lambda part: f"SELECT sum({_COUNT}) AS {_COUNT} {self._where(part)}{_group_by(by)}")

    def window_counts(self, parts: Sequence[Part], window_ns: int) -> Question:
        """One statement a part: sums of `count` by window."""
        return self._each(
            parts,
            lambda part: f"SELECT sum({_COUNT}) AS {_COUNT} {self._where(part)} GROUP BY {_time(window_ns)} fill(none)",
        )

    def window_sums(self, part: Part, window_ns: int, by: tuple[str, ...], fields: tuple[str, ...]) -> Question:
        """Sums of fields, or the highest of a level, by window and tags."""
        sums = _sums(fields)
        tags = "".join(f", {identifier(tag)}" for tag in by)
        return Question(f"SELECT {sums} {self._where(part)} GROUP BY {_time(window_ns)}{tags} fill(none)")

    def whose(self, wanted: EventFilter, start_ns: int, end_ns: int, limit: int) -> Question:
        """The entities of events, newest first."""
        statements = _Statements()
        where = _events_where(statements, wanted, start_ns, end_ns)
        statements.add(f'SELECT {_COUNT}, "entity_id" FROM {_EVENTS} WHERE {where} ORDER BY time DESC LIMIT {limit}')
        return statements.question()

    def events(self, wanted: EventFilter, start_ns: int, end_ns: int, entity_ids: Iterable[str]) -> Question:
        """Whole events of these entities; the empty one stands for none."""
        statements = _Statements()
        where = _events_where(statements, wanted, start_ns, end_ns)
        statements.add(f"SELECT * FROM {_EVENTS} WHERE {where} AND {_one_of(statements, entity_ids)}")
        return statements.question()

    def count_events(self, wanted: EventFilter, ranges: Iterable[tuple[int, int]]) -> Question:
        """How many events each range holds."""
        statements = _Statements()
        for start_ns, end_ns in ranges:
            where = _events_where(statements, wanted, start_ns, end_ns)
            statements.add(f"SELECT count({_COUNT}) AS {_COUNT} FROM {_EVENTS} WHERE {where}")
        return statements.question()

    def states(self, entity: Entity, start_ns: int, end_ns: int, limit: int, *, newest_first: bool = False) -> Question:
        """States with their units, oldest first."""
        statements = _Statements()
        where = _entity_is(statements, entity)
        order = " DESC" if newest_first else ""
        statements.add(
            f'SELECT "state", "value", "removed", "unit", "empty" FROM {_EVENTS} '
            f"WHERE {where} AND {_between(start_ns, end_ns)} ORDER BY time{order} LIMIT {limit}"
        )
        return statements.question()

    def last_unit(self, entity: Entity, start_ns: int, end_ns: int) -> Question:
        """The newest unit."""
        statements = _Statements()
        where = f"{_entity_is(statements, entity)} AND {_between(start_ns, end_ns)}"
        statements.add(f'SELECT last("unit") AS "unit" FROM {_EVENTS} WHERE {where}')
        return statements.question()

    def known_entities(self, entity_id: str | None, homes: Homes, start_ns: int, end_ns: int) -> Question:
        """The newest state change of one entity or of all, with what is known of them."""
        statements = _Statements()
        conditions = [f'"event_type" = {statements.bind(STATE_CHANGED)}', _between(start_ns, end_ns)]
        if entity_id is not None:
            conditions.append(f'"entity_id" = {statements.bind(encode_tag(entity_id))}')
        where = " AND ".join([*conditions, *_homes_are(statements, homes)])
        fields = ", ".join(identifier(name) for name in (*KNOWN_FIELDS, EMPTY) if name != "removed")
        statements.add(
            f'SELECT last("removed") AS "removed", {fields} FROM {_EVENTS} WHERE {where}{_group_by(_ENTITY)}'
        )
        return statements.question()

    def heads(self, start_ns: int, end_ns: int) -> Question:
        """The newest event of every series in a range."""
        where = _between(start_ns, end_ns)
        return Question(f'SELECT last("origin_kind") AS "kind" FROM {_EVENTS} WHERE {where}{_group_by(EVENT_TAGS)}')

    def keys(self, entity_ids: Sequence[str] | None, start_ns: int, end_ns: int) -> Question:
        """The events of a range, of some entities or of all."""
        statements = _Statements()
        where = _between(start_ns, end_ns)
        if entity_ids is not None:
            where += f" AND {_one_of(statements, entity_ids)}"
        statements.add(f'SELECT "origin_kind" AS "kind" FROM {_EVENTS} WHERE {where}{_group_by(EVENT_TAGS)}')
        return statements.question()

    def entity_heads(self, start_ns: int, end_ns: int, entity_ids: Sequence[str] | None) -> Question:
        """The newest state change of every entity, or of some."""
        statements = _Statements()
        where = f'"event_type" = {statements.bind(STATE_CHANGED)} AND {_between(start_ns, end_ns)}'
        if entity_ids is not None:
            where += f" AND {_one_of(statements, entity_ids)}"
        statements.add(f'SELECT last("removed") AS "removed" FROM {_EVENTS} WHERE {where}{_group_by(_ENTITY)}')
        return statements.question()

    def last_windows(self, part: Part) -> Question:
        """The newest window of every entity in which it changed."""
        statements = _Statements()
        changed = f'"event_type" = {statements.bind(STATE_CHANGED)}'
        statements.add(f"SELECT last({_COUNT}) {self._where(part)} AND {changed}{_group_by(_ENTITY)}")
        return statements.question()

    def changed_windows(self, parts: Sequence[Part], entity_ids: Sequence[str], window_ns: int) -> Question:
        """One statement a part: the windows in which some entities changed."""
        statements = _Statements()
        for part in parts:
            changed = f'"event_type" = {statements.bind(STATE_CHANGED)} AND {_one_of(statements, entity_ids)}'
            statements.add(
                f"SELECT sum({_COUNT}) {self._where(part)} AND {changed} "
                f'GROUP BY {_time(window_ns)}, "home", "entity_id" fill(none)'
            )
        return statements.question()

    def last_signs(self, start_ns: int, end_ns: int) -> Question:
        """The newest sign of life of every entity."""
        return Question(
            f"SELECT last({_SEEN}) AS {_SEEN} FROM {identifier(ALIVE)} WHERE {_between(start_ns, end_ns)}"
            f"{_group_by(_ENTITY)}"
        )

    def signs(self, entity_ids: Sequence[str], start_ns: int, end_ns: int) -> Question:
        """The signs of life of some entities."""
        statements = _Statements()
        where = f"{_between(start_ns, end_ns)} AND {_one_of(statements, entity_ids)}"
        statements.add(f"SELECT {_SEEN} FROM {identifier(ALIVE)} WHERE {where}{_group_by(_ENTITY)}")
        return statements.question()

    def renames(self) -> Question:
        """All renames."""
        return Question(f'SELECT "state" FROM {self._rollups}.{identifier(RENAMES)} WHERE {_EVER}{_group_by(_ENTITY)}')

    def service_sums(self, parts: Sequence[Part], names: tuple[str, ...], service: str | None) -> Question:
        """One statement a part: sums by service."""
        statements = _Statements()
        only = _service_is(statements, service)
        for part in parts:
            statements.add(f"SELECT {_sums(names)} {self._where(part)}{only}{_group_by(('service',))}")
        return statements.question()

    def level_means(self, service: str, start_ns: int, end_ns: int) -> Question:
        """The means of a service's levels."""
        statements = _Statements()
        means = ", ".join(f"mean({identifier(name)}) AS {identifier(name)}" for name in LEVEL_METRICS)
        where = f"{_between(start_ns, end_ns)}{_service_is(statements, service)}"
        statements.add(f"SELECT {means} FROM {_SERVICE_METRICS} WHERE {where}")
        return statements.question()

    def service_windows(
        self, service: str, name: str, parts: Sequence[Part], window_ns: int, *, is_summed: bool
    ) -> Question:
        """One statement a part: a metric by window, summed or averaged."""
        statements = _Statements()
        function = "sum" if is_summed else "mean"
        for part in parts:
            statements.add(
                f'SELECT {function}({identifier(name)}) AS "metric" {self._where(part)}'
                f"{_service_is(statements, service)} GROUP BY {_time(window_ns)} fill(none)"
            )
        return statements.question()

    def newest_reports(self, start_ns: int, end_ns: int, service: str | None) -> Question:
        """The newest report of every instance in a range."""
        statements = _Statements()
        statements.add(_newest_report(f"{_between(start_ns, end_ns)}{_service_is(statements, service)}"))
        return statements.question()

    def gaps(self, start_ns: int, end_ns: int, home: str | None, reaching_ns: int | None) -> Question:
        """Gaps that begin in a range, a row each."""
        statements = _Statements()
        reaching = "" if reaching_ns is None else f' AND "end_ns" > {reaching_ns}'
        where = f"{_between(start_ns, end_ns)}{reaching}{_home_is(statements, home)}"
        statements.add(f"SELECT * FROM {identifier(GAPS)} WHERE {where}")
        return statements.question()

    def open_gaps(self, home: str | None) -> Question:
        """How many gaps are open."""
        statements = _Statements()
        where = f'"status" = {statements.bind(GapStatus.OPEN)} AND {_EVER}{_home_is(statements, home)}'
        statements.add(f'SELECT count("status") AS {_COUNT} FROM {identifier(GAPS)} WHERE {where}')
        return statements.question()

    def alerts(self, start_ns: int, end_ns: int, rule: str | None, reaching_ns: int | None) -> Question:
        """Alerts that begin in a range, a row each."""
        statements = _Statements()
        reaching = "" if reaching_ns is None else f' AND ("cleared_ns" = 0 OR "cleared_ns" > {reaching_ns})'
        of_rule = "" if rule is None else f' AND "rule" = {statements.bind(encode_tag(rule))}'
        where = f"{_between(start_ns, end_ns)}{reaching}{of_rule}"
        statements.add(f"SELECT * FROM {identifier(ALERTS)} WHERE {where}")
        return statements.question()

    def weather(self, start_ns: int, end_ns: int, limit: int) -> Question:
        """Observations of the weather, newest first."""
        where = _between(start_ns, end_ns)
        return Question(f"SELECT * FROM {identifier(WEATHER)} WHERE {where} ORDER BY time DESC LIMIT {limit}")

    def progress(self) -> Question:
        """The texts of the rollups' progress, by owner."""
        return Question(
            f'SELECT "state" FROM {self._rollups}.{identifier(PROGRESS)} WHERE time = {PROGRESS_TIME_NS} '
            'GROUP BY "owner"'
        )

    def first(self, measurement: str, start_ns: int, end_ns: int) -> Question:
        """The first point of a measurement in a range; of an event only the field that they all have."""
        fields = _COUNT if measurement == EVENTS else "*"
        where = _between(start_ns, end_ns)
        return Question(f"SELECT {fields} FROM {identifier(measurement)} WHERE {where} ORDER BY time LIMIT 1")

    def nothing(self) -> Question:
        """A question that reads next to nothing."""
        return Question(f"SELECT {_COUNT} FROM {_EVENTS} WHERE {_between(0, 1)} LIMIT 1")

    def delete_event(self, tags: dict[str, str], time_ns: int) -> Question:
        """Delete one event by all its tags."""
        statements = _Statements()
        same = (f"{identifier(key)} = {statements.bind(encode_tag(value))}" for key, value in tags.items())
        statements.add(f"DELETE FROM {_EVENTS} WHERE {' AND '.join(same)} AND time = {time_ns}")
        return statements.question()

    def _each(self, parts: Iterable[Part], statement: Callable[[Part], str]) -> Question:
        return Question("; ".join(map(statement, parts)))

    def _where(self, part: Part) -> str:
        policy = f"{self._rollups}." if part.is_rollup else ""
        return f"FROM {policy}{identifier(part.measurement)} WHERE {_between(part.start_ns, part.end_ns)}"


def identifier(name: str) -> str:
    """A quoted name."""
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


_COUNT = identifier(COUNT)
_EVENTS = identifier(EVENTS)
_SEEN = identifier(SEEN)
_ENTITY = ("home", "entity_id")
_SERVICE_METRICS = identifier(SERVICE_METRICS)


def _between(start_ns: int, end_ns: int) -> str:
    return f"time >= {start_ns} AND time < {end_ns}"


_EVER = _between(MIN_TIME_NS, MAX_TIME_NS)


def _time(window_ns: int) -> str:
    return f"time({window_ns // MINUTE_NS}m)"


def _group_by(tags: tuple[str, ...]) -> str:
    return f" GROUP BY {', '.join(map(identifier, tags))}" if tags else ""


def _sums(fields: Iterable[str]) -> str:
    return ", ".join(
        f"{'max' if field in HIGHEST_LEVELS else 'sum'}({identifier(field)}) AS {identifier(field)}" for field in fields
    )


def _events_where(statements: _Statements, wanted: EventFilter, start_ns: int, end_ns: int) -> str:
    conditions = [_between(start_ns, end_ns)]
    if wanted.entity_id is not None:
        conditions.append(f'"entity_id" =~ /{glob_expression(wanted.entity_id)}/')
    if wanted.domain is not None:
        conditions.append(f'"domain" = {statements.bind(encode_tag(wanted.domain))}')
    if wanted.event_type is not None:
        conditions.append(f'"event_type" = {statements.bind(encode_tag(wanted.event_type))}')
    if wanted.area is not None:
        conditions.append(f'"area" = {statements.bind(wanted.area)}')  # a field: it is kept as it is
    return " AND ".join([*conditions, *_homes_are(statements, wanted.homes)])


def _entity_is(statements: _Statements, entity: Entity) -> str:
    changed, entity_id = statements.bind(STATE_CHANGED), statements.bind(encode_tag(entity.entity_id))
    return " AND ".join(
        [f'"event_type" = {changed} AND "entity_id" = {entity_id}', *_homes_are(statements, entity.homes)]
    )


def _homes_are(statements: _Statements, homes: Homes) -> list[str]:
    if homes.only is not None:
        return [f'"home" = {statements.bind(encode_tag(homes.only))}']
    return [f'"home" != {statements.bind(encode_tag(home))}' for home in homes.but]


def _one_of(statements: _Statements, entity_ids: Iterable[str]) -> str:
    same = (f'"entity_id" = {statements.bind(encode_tag(entity_id))}' for entity_id in entity_ids)
    return f"({' OR '.join(same)})"


def _service_is(statements: _Statements, service: str | None) -> str:
    return "" if service is None else f' AND "service" = {statements.bind(encode_tag(service))}'


def _home_is(statements: _Statements, home: str | None) -> str:
    return "" if home is None else f' AND "home" = {statements.bind(encode_tag(home))}'


def _newest_report(where: str) -> str:
    return f'SELECT * FROM {_SERVICE_METRICS} WHERE {where} GROUP BY "service", "instance" ORDER BY time DESC LIMIT 1'
