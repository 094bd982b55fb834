"""InfluxQL of counts and sums, over raw points and rollups: by tags, by window, by service."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ha_ingestor_core.events import STATE_CHANGED

from ha_ingestor_store.influx.influxql.selections import Part
from ha_ingestor_store.influx.influxql.statements import (
    COUNT_FIELD,
    ENTITY,
    Question,
    Statements,
    and_tag_is,
    between,
    by_window,
    group_by,
    identifier,
    one_of,
    question,
)
from ha_ingestor_store.influx.schema import LEVEL_METRICS, SERVICE_METRICS
from ha_ingestor_store.service_windows import HIGHEST_LEVELS

_SUM = f"sum({COUNT_FIELD})"


class WindowQueries:
    """Counts and sums; `rollups` is what precedes the measurement of a rollup, such as `"policy".`."""

    def __init__(self, rollups: str) -> None:
        self._rollups = rollups

    def counts(self, parts: Sequence[Part], by: tuple[str, ...]) -> Question:
        """One statement a part: sums of `count` by tags."""
        return _each(parts, lambda part: f"SELECT {_SUM} AS {COUNT_FIELD} {self._where(part)}{group_by(by)}")

    def window_counts(self, parts: Sequence[Part], window_ns: int) -> Question:
        """One statement a part: sums of `count` by window."""
        grouped = f"GROUP BY {by_window(window_ns)} fill(none)"
        return _each(parts, lambda part: f"SELECT {_SUM} AS {COUNT_FIELD} {self._where(part)} {grouped}")

    def window_sums(self, part: Part, window_ns: int, by: tuple[str, ...], fields: tuple[str, ...]) -> Question:
        """Sums of fields, or the highest of a level, by window and tags."""
        tags = "".join(f", {identifier(tag)}" for tag in by)
        return question(f"SELECT {_sums(fields)} {self._where(part)} GROUP BY {by_window(window_ns)}{tags} fill(none)")

    def last_windows(self, part: Part) -> Question:
        """The newest window of every entity in which it changed."""
        statements = Statements()
        changed = f'"event_type" = {statements.bind(STATE_CHANGED)}'
        statements.add(f"SELECT last({COUNT_FIELD}) {self._where(part)} AND {changed}{group_by(ENTITY)}")
        return statements.question()

    def changed_windows(self, parts: Sequence[Part], entity_ids: Sequence[str], window_ns: int) -> Question:
        """One statement a part: the windows in which some entities changed."""
        statements = Statements()
        for part in parts:
            changed = f'"event_type" = {statements.bind(STATE_CHANGED)} AND {one_of(statements, entity_ids)}'
            statements.add(
                f"SELECT {_SUM} {self._where(part)} AND {changed} "
                f'GROUP BY {by_window(window_ns)}, "home", "entity_id" fill(none)'
            )
        return statements.question()

    def service_sums(self, parts: Sequence[Part], names: tuple[str, ...], service: str | None) -> Question:
        """One statement a part: sums by service."""
        statements = Statements()
        only = and_tag_is(statements, "service", service)
        for part in parts:
            statements.add(f"SELECT {_sums(names)} {self._where(part)}{only}{group_by(('service',))}")
        return statements.question()

    def level_means(self, service: str, start_ns: int, end_ns: int) -> Question:
        """The means of a service's levels."""
        statements = Statements()
        means = ", ".join(f"mean({identifier(name)}) AS {identifier(name)}" for name in LEVEL_METRICS)
        where = f"{between(start_ns, end_ns)}{and_tag_is(statements, 'service', service)}"
        statements.add(f"SELECT {means} FROM {_SERVICE_METRICS} WHERE {where}")
        return statements.question()

    def service_windows(
        self, service: str, name: str, parts: Sequence[Part], window_ns: int, *, is_summed: bool
    ) -> Question:
        """One statement a part: a metric by window, summed or averaged."""
        statements = Statements()
        function = "sum" if is_summed else "mean"
        for part in parts:
            statements.add(
                f'SELECT {function}({identifier(name)}) AS "metric" {self._where(part)}'
                f"{and_tag_is(statements, 'service', service)} GROUP BY {by_window(window_ns)} fill(none)"
            )
        return statements.question()

    def newest_reports(self, start_ns: int, end_ns: int, service: str | None) -> Question:
        """The newest report of every instance in a range."""
        statements = Statements()
        where = f"{between(start_ns, end_ns)}{and_tag_is(statements, 'service', service)}"
        newest = 'GROUP BY "service", "instance" ORDER BY time DESC LIMIT 1'
        statements.add(f"SELECT * FROM {_SERVICE_METRICS} WHERE {where} {newest}")
        return statements.question()

    def _where(self, part: Part) -> str:
        place = self._rollups if part.is_rollup else ""
        return f"FROM {place}{identifier(part.measurement)} WHERE {between(part.start_ns, part.end_ns)}"


_SERVICE_METRICS = identifier(SERVICE_METRICS)


def _each(parts: Iterable[Part], statement: Callable[[Part], str]) -> Question:
    return question(*map(statement, parts))


def _sums(fields: Iterable[str]) -> str:
    return ", ".join(
        f"{'max' if field in HIGHEST_LEVELS else 'sum'}({identifier(field)}) AS {identifier(field)}" for field in fields
    )
