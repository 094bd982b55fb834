"""InfluxQL of what is neither an event nor a count: gaps, alerts, weather, signs of life, renames, progress."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ha_ingestor_core.gaps import GapStatus

from ha_ingestor_store.influx.influxql.statements import (
    COUNT_FIELD,
    ENTITY,
    EVER,
    Question,
    Statements,
    and_tag_is,
    between,
    group_by,
    identifier,
    one_of,
    question,
)
from ha_ingestor_store.influx.schema import (
    ALERTS,
    ALIVE,
    EVENTS,
    GAPS,
    MIN_TIME_NS,
    PROGRESS,
    PROGRESS_TIME_NS,
    RENAMES,
    SEEN,
    WEATHER,
)
from ha_ingestor_store.time_range import DAY_NS

WEATHER_HOLDS_AT_MOST_NS = DAY_NS
"""The longest time that WEATHER_MAX_AGE_MINUTES can say."""

_SEEN = identifier(SEEN)
_WEATHER = identifier(WEATHER)
_BY_SOURCE = group_by(("home", "source"))


class RecordQueries:
    """Records; `rollups` is what precedes the measurement of a rollup, such as `"policy".`."""

    def __init__(self, rollups: str) -> None:
        self._rollups = rollups

    def last_signs(self, start_ns: int, end_ns: int) -> Question:
        """The newest sign of life of every entity."""
        where = f"{between(start_ns, end_ns)}{group_by(ENTITY)}"
        return question(f"SELECT last({_SEEN}) AS {_SEEN} FROM {identifier(ALIVE)} WHERE {where}")

    def signs(self, entity_ids: Sequence[str], start_ns: int, end_ns: int) -> Question:
        """The signs of life of some entities."""
        statements = Statements()
        where = f"{between(start_ns, end_ns)} AND {one_of(statements, entity_ids)}"
        statements.add(f"SELECT {_SEEN} FROM {identifier(ALIVE)} WHERE {where}{group_by(ENTITY)}")
        return statements.question()

    def renames(self) -> Question:
        """All renames."""
        return question(f'SELECT "state" FROM {self._rollups}{identifier(RENAMES)} WHERE {EVER}{group_by(ENTITY)}')

    def gaps(self, start_ns: int, end_ns: int, home: str | None, reaching_ns: int | None) -> Question:
        """Gaps that begin in a range, a row each."""
        statements = Statements()
        reaching = "" if reaching_ns is None else f' AND "end_ns" > {reaching_ns}'
        where = f"{between(start_ns, end_ns)}{reaching}{and_tag_is(statements, 'home', home)}"
        statements.add(f"SELECT * FROM {identifier(GAPS)} WHERE {where}")
        return statements.question()

    def open_gaps(self, home: str | None) -> Question:
        """How many gaps are open."""
        statements = Statements()
        is_open = f'"status" = {statements.bind(GapStatus.OPEN)}'
        where = f"{is_open} AND {EVER}{and_tag_is(statements, 'home', home)}"
        statements.add(f'SELECT count("status") AS {COUNT_FIELD} FROM {identifier(GAPS)} WHERE {where}')
        return statements.question()

    def alerts(self, start_ns: int, end_ns: int, rule: str | None, reaching_ns: int | None) -> Question:
        """Alerts that begin in a range, a row each."""
        statements = Statements()
        reaching = "" if reaching_ns is None else f' AND ("cleared_ns" = 0 OR "cleared_ns" > {reaching_ns})'
        where = f"{between(start_ns, end_ns)}{reaching}{and_tag_is(statements, 'rule', rule)}"
        statements.add(f"SELECT * FROM {identifier(ALERTS)} WHERE {where}")
        return statements.question()

    def weather(self, start_ns: int, end_ns: int, limit: int) -> Question:
        """Observations of the weather, newest first."""
        where = between(start_ns, end_ns)
        return question(f"SELECT * FROM {_WEATHER} WHERE {where} ORDER BY time DESC LIMIT {limit}")

    def weather_of_events(self, ranges: Iterable[tuple[int, int]]) -> Question:
        """The observations of some ranges, and the newest before each that can still hold."""
        statements: list[str] = []
        for start_ns, end_ns in ranges:
            before = between(max(start_ns - WEATHER_HOLDS_AT_MOST_NS, MIN_TIME_NS), start_ns)
            statements.append(f"SELECT * FROM {_WEATHER} WHERE {before}{_BY_SOURCE} ORDER BY time DESC LIMIT 1")
            statements.append(f"SELECT * FROM {_WEATHER} WHERE {between(start_ns, end_ns)}{_BY_SOURCE}")
        return question(*statements)

    def progress(self) -> Question:
        """The texts of the rollups' progress, by owner."""
        place = f"{self._rollups}{identifier(PROGRESS)}"
        return question(f'SELECT "state" FROM {place} WHERE time = {PROGRESS_TIME_NS} GROUP BY "owner"')

    def first(self, measurement: str, start_ns: int, end_ns: int) -> Question:
        """The first point of a measurement in a range; of an event only the field that they all have."""
        fields = COUNT_FIELD if measurement == EVENTS else "*"
        where = between(start_ns, end_ns)
        return question(f"SELECT {fields} FROM {identifier(measurement)} WHERE {where} ORDER BY time LIMIT 1")

    def size(self, measurement: str, start_ns: int, end_ns: int) -> Question:
        """How many values each field has; of events the field that all have, which is cheaper."""
        counted = COUNT_FIELD if measurement == EVENTS else "*"
        return question(f"SELECT count({counted}) FROM {identifier(measurement)} WHERE {between(start_ns, end_ns)}")

    def whole_points(self, measurement: str, start_ns: int, end_ns: int) -> Question:
        """Whole points, oldest first."""
        return question(f"SELECT * FROM {identifier(measurement)} WHERE {between(start_ns, end_ns)}")
