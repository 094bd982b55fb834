"""The reader of the embedded store: each question is a function that runs in a reading thread."""

from __future__ import annotations

import functools
import sqlite3
from collections.abc import Callable, Coroutine
from typing import Any, Concatenate, ParamSpec, TypeVar

from ha_ingestor_core.clock import NS_PER_S

from ha_ingestor_store import across_renames, answers, silent_entities
from ha_ingestor_store.embedded.database import Database
from ha_ingestor_store.embedded.reading import (
    entity_activity,
    entity_states,
    event_counts,
    known_renames,
    recent_events,
    service_metrics,
)
from ha_ingestor_store.embedded.reading.alerts import recent_alerts
from ha_ingestor_store.embedded.reading.gaps import recent_gaps
from ha_ingestor_store.embedded.reading.weather import newest_weather
from ha_ingestor_store.questions import (
    EVERY_HOME,
    EntityHistory,
    EntityWindows,
    Homes,
    KnownEntities,
    RecentEvents,
    SilentEntities,
)
from ha_ingestor_store.renames import BEGIN_NS, NO_RENAMES, Renames
from ha_ingestor_store.time_range import TimeRange

P = ParamSpec("P")
R = TypeVar("R")


def _in_reading_thread(
    question: Callable[Concatenate[sqlite3.Connection, P], R],
) -> Callable[Concatenate[EntityReader, P], Coroutine[Any, Any, R]]:
    """Return a method that runs a function in a reading thread."""

    @functools.wraps(question)
    async def method(self: EntityReader, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return await self.database.read(question, *args, **kwargs)

    return method


class EntityReader:
    """The queries from which answers across renames and about silent entities are made."""

    def __init__(self, database: Database) -> None:
        self.database = database

    states = _in_reading_thread(entity_states.states)
    last_state = _in_reading_thread(entity_states.last_state)
    last_unit = _in_reading_thread(entity_states.last_unit)
    last_changes = _in_reading_thread(entity_activity.last_changes)
    long_unchanged = _in_reading_thread(entity_activity.long_unchanged)
    last_signs = _in_reading_thread(entity_activity.last_signs)
    changes = _in_reading_thread(entity_activity.changes)
    hours = _in_reading_thread(entity_activity.hours)
    count_events_of_id = _in_reading_thread(event_counts.count_events_of_id)


class EmbeddedReader(EntityReader):
    """`StoreReader` on a SQLite file."""

    async def as_of(self, now_ns: int) -> int:
        """Return the whole second before `now_ns`: rollups are updated with the events."""
        return now_ns // NS_PER_S * NS_PER_S

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._known_renames: tuple[int, Renames] = 0, NO_RENAMES

    event_count = _in_reading_thread(event_counts.event_count)
    event_statistics = _in_reading_thread(event_counts.event_statistics)
    event_trend = _in_reading_thread(event_counts.event_trend)
    error_rate = _in_reading_thread(service_metrics.error_rate)
    service_statistics = _in_reading_thread(service_metrics.service_statistics)
    service_trend = _in_reading_thread(service_metrics.service_trend)
    service_windows = _in_reading_thread(service_metrics.service_windows)
    latest_metrics = _in_reading_thread(service_metrics.latest_metrics)
    homes = _in_reading_thread(entity_states.homes)
    gaps = _in_reading_thread(recent_gaps)
    alerts = _in_reading_thread(recent_alerts)
    weather = _in_reading_thread(newest_weather)

    async def recent_events(self, question: RecentEvents) -> answers.EventPage:
        """Return events, newest first; of one entity across all its renames."""
        renames = await self._renames()
        return await across_renames.recent(
            renames, question, lambda part: self.database.read(recent_events.recent_events, part)
        )

    async def entity_history(self, question: EntityHistory) -> answers.HistoryPage:
        """Return the states of one entity of a home, oldest first, across all its renames."""
        return await across_renames.history(await self._renames(), question, self)

    async def entity_windows(self, question: EntityWindows) -> answers.WindowsPage:
        """Return the numbers of one entity of a home, in windows, across all its renames."""
        return await across_renames.windows(await self._renames(), question, self)

    async def entity_homes(self, entity_id: str) -> list[str]:
        """Return the homes in which an entity of this id, or one that has it now, has states, by name."""
        changes = await self.last_changes(BEGIN_NS, [entity_id])
        return await across_renames.homes_of(await self._renames(), entity_id, changes, self)

    async def busiest_entities(
        self, time_range: TimeRange, limit: int = 10, homes: Homes = EVERY_HOME
    ) -> list[answers.EntityCount]:
        """Return entities by their number of events of any type, most first, then by current id, then by home."""
        counted = await self.database.read(event_counts.count_by_entity, time_range)
        found = {key: count for key, count in counted.items() if homes.include(key[0])}
        return await across_renames.busiest(await self._renames(), found, time_range, limit, self.count_events_of_id)

    async def known_entities(self, question: KnownEntities) -> list[answers.KnownEntity]:
        """Return the entities that had a state in the range, by home and id; not those that were renamed since."""
        found = await self.database.read(entity_states.known_entities, question)
        return across_renames.present(await self._renames(), found)

    async def silent_entities(self, question: SilentEntities) -> list[answers.EntitySilence]:
        """Return entities that are silent."""
        return await silent_entities.silent_entities(self, await self._renames(), question)

    async def ping(self) -> None:
        """Return when the file has answered a query."""
        await self.database.read(_ping)

    async def _renames(self) -> Renames:
        number, known = self._known_renames
        if await self.database.read(known_renames.number_of_renames) != number:
            known = await self.database.read(known_renames.renames)
            self._known_renames = len(known), known
        return known


def _ping(db: sqlite3.Connection) -> None:
    db.execute("SELECT count(*) FROM meta").fetchone()
