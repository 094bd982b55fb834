"""Fills one gap over one connection: requests the history window by window, and waits until the store has it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection

import msgspec
import structlog
from ha_ingestor_core.clock import NS_PER_S, Clock
from ha_ingestor_core.errors import TransientError
from ha_ingestor_core.events import OriginKind
from ha_ingestor_core.gaps import GapReason
from msgspec import Raw

from websocket_ingestion.errors import NEVER_HELPS, CommandRefusedError
from websocket_ingestion.gaps import unrecoverable
from websocket_ingestion.gaps.filling_plan import (
    DAY_NS,
    FillingLimits,
    chunks,
    first_window,
    history_range,
    is_valid_entity_id,
    next_window,
)
from websocket_ingestion.gaps.journal import OpenGap
from websocket_ingestion.gaps.known_entities import KnownEntities, changed_in
from websocket_ingestion.gaps.outcomes import Outcomes, Tally
from websocket_ingestion.history.history_request import (
    HISTORY,
    Answer,
    Change,
    changes_in,
    history_request,
    read_answer,
)
from websocket_ingestion.history.recorded_entities import recorded_entities
from websocket_ingestion.registries.renames import current_id
from websocket_ingestion.spool.intake import Intake
from websocket_ingestion.states.home_state import HomeState

_log = structlog.get_logger()

_SLICE = 500
_SWEEPS = 3
_POLL_S = 0.2


class HistoryUnreadableError(TransientError):
    """Home Assistant answered a request for history with something else."""

    key = "history_unreadable"


class ChangesLostError(TransientError):
    """Recovered changes were lost in the spool before the store had them, so they have to be requested again."""

    key = "changes_lost"


class GapFiller:
    """Fills a gap from the history of a connected home; the changes go into the spool as events of a backfill."""

    def __init__(
        self,
        *,
        home: HomeState,
        known: KnownEntities,
        intake: Intake,
        outcomes: Outcomes,
        clock: Clock,
        limits: FillingLimits,
    ) -> None:
        self._home = home
        self._known = known
        self._intake = intake
        self._outcomes = outcomes
        self._clock = clock
        self._limits = limits
        self._states: dict[str, str | None] = {}
        self._newest_ns = 0
        self._lost: list[str] = []
        self._from_ns = 0

    async def fill(
        self, open_gap: OpenGap, entities: Collection[str], on_progress: Callable[[], Awaitable[None]]
    ) -> list[str]:
        """Bring all that the history has of the gap into the store; return what is unrecoverable, a sentence each.

        `open_gap` is kept up to date, and `on_progress` called after each window of time. Raises IngestorError where
        filling has to be continued later.
        """
        await asyncio.sleep(self._home.since + self._limits.settle_s - self._clock.monotonic())
        start_ns, end_ns = history_range(open_gap.gap, self._limits.keep_days)
        wanted = {entity for entity in {*entities, *await self._recorded_only(open_gap)} if is_valid_entity_id(entity)}
        open_gap.gap = msgspec.structs.replace(open_gap.gap, entities=len(wanted))
        self._from_ns = max(start_ns, open_gap.done_ns or start_ns)
        if open_gap.unseen is None:
            open_gap.unseen = changed_in(open_gap.gap, self._home)
        try:
            await self._sweep(open_gap, wanted, self._from_ns, end_ns, on_progress)
            missing = await self._sweep_again(open_gap, end_ns, on_progress)
            if not open_gap.only:
                missing -= await self._recorded_before(missing - self._home.updated.keys(), start_ns, end_ns)
        except CommandRefusedError as err:
            if err.code not in NEVER_HELPS:
                raise
            return [unrecoverable.history_refused(err)]
        if open_gap.only:
            self._lost += unrecoverable.never_sent(open_gap.only, missing)
        else:
            self._lost += unrecoverable.not_recorded(missing)
        if open_gap.gap.reason is not GapReason.FIRST_START:
            kept_from_ns = self._home.now_ns - self._limits.keep_days * DAY_NS
            self._lost += unrecoverable.too_old(open_gap.gap, kept_from_ns, self._limits)
        return self._lost

    async def _sweep_again(
        self, open_gap: OpenGap, end_ns: int, on_progress: Callable[[], Awaitable[None]]
    ) -> set[str]:
        """Request again the entities whose last change the history lacked; return those whose change it still lacks.

        The recorder may be late. Where it has a later change it is not: it records in the order of the event bus.
        """
        for _ in range(1, _SWEEPS):
            late = {entity for entity, time_ns in (open_gap.unseen or {}).items() if time_ns > self._newest_ns}
            if not late:
                break
            await asyncio.sleep(self._limits.settle_s)
            await self._sweep(open_gap, late, self._from_ns, end_ns, on_progress)
        return set(open_gap.unseen or ())

    async def _recorded_only(self, open_gap: OpenGap) -> set[str]:
        """Return the entities that only the recorder has: they came and went while nothing was captured."""
        if open_gap.only:
            return set()
        start_ns, end_ns = history_range(open_gap.gap, self._limits.keep_days)
        return await recorded_entities(self._home.runner, start_ns, end_ns, rest_s=self._limits.rest_s)

    async def _recorded_before(self, vanished: set[str], start_ns: int, end_ns: int) -> set[str]:
        """Return those of the entities that the history has from before the gap: they did not change in it.

        A restart of Home Assistant drops states without an event.
        """
        recorded: set[str] = set()
        for chunk in chunks(vanished, self._limits.entities):
            request = {**history_request(chunk, start_ns, end_ns), "include_start_time_state": True}
            try:
                recorded.update(_read((await self._home.runner.command(HISTORY, **request)).result))
            except CommandRefusedError as err:
                if err.code not in unrecoverable.BY_ENTITY:
                    raise
            await asyncio.sleep(self._limits.rest_s)
        return recorded

    async def _sweep(
        self,
        open_gap: OpenGap,
        entities: Collection[str],
        start_ns: int,
        end_ns: int,
        on_progress: Callable[[], Awaitable[None]],
    ) -> None:
        window_ns = first_window(round(self._limits.window_s * NS_PER_S), open_gap.tried_window_ns)
        while start_ns < end_ns:
            open_gap.tried_window_ns, open_gap.entities_done = window_ns, 0
            stamp_ns = self._begin_attempt(open_gap)
            await on_progress()
            until_ns = min(start_ns + window_ns, end_ns)
            tally, most_rows = Tally(), 0
            requested: set[str] = set()
            while ids := self._current_ids(entities) - requested:  # an entity may be renamed meanwhile
                requested |= ids
                for chunk in chunks(ids, self._limits.entities):
                    changes = await self._request(chunk, start_ns, until_ns)
                    self._note_seen(open_gap, changes)
                    changes = [change for change in changes if not self._is_restored_state(change)]
                    most_rows = max(most_rows, len(changes))
                    tally += await self._ingest(changes, stamp_ns)
                    open_gap.entities_done += len(chunk)
            self._end_window(open_gap, tally)
            open_gap.done_ns = start_ns = until_ns
            open_gap.tried_window_ns, open_gap.entities_done = None, 0
            window_ns = next_window(window_ns, most_rows)
        await on_progress()

    def _begin_attempt(self, open_gap: OpenGap) -> int:
        """Return the stamp of a new attempt, which is on disk before any of its changes is in the spool."""
        stamp_ns = self._intake.stamp_ns()
        open_gap.stamps = [*open_gap.stamps, stamp_ns]
        self._outcomes.begin(stamp_ns)
        return stamp_ns

    def _end_window(self, open_gap: OpenGap, tally: Tally) -> None:
        """Count the changes of a window; what interrupted attempts wrote of it was a duplicate for the last one."""
        *interrupted, _ = open_gap.stamps
        earlier = min(self._outcomes.written(interrupted), tally.known)
        gap = open_gap.gap
        open_gap.gap = msgspec.structs.replace(
            gap, recovered=gap.recovered + tally.recovered + earlier, known=gap.known + tally.known - earlier
        )
        self._outcomes.drop(open_gap.stamps)
        open_gap.stamps = []

    def _current_ids(self, entities: Collection[str]) -> set[str]:
        """Return the ids and the current ids of renamed entities: the history has only the current ones."""
        renames = self._known.renames
        return {*entities, *(current_id(entity, renames) for entity in entities)} if renames else set(entities)

    async def _request(self, entities: list[str], start_ns: int, end_ns: int) -> list[Change]:
        begin = self._clock.monotonic()
        try:
            reply = await self._home.runner.command(HISTORY, **history_request(entities, start_ns, end_ns))
        except CommandRefusedError as err:
            if err.code in NEVER_HELPS or err.code not in unrecoverable.BY_ENTITY:
                raise
            return await self._request_halves(entities, start_ns, end_ns, err)
        finally:
            # Leave Home Assistant at least half of the time.
            await asyncio.sleep(max(self._limits.rest_s, self._clock.monotonic() - begin))
        answer = _read(reply.result)
        return list(changes_in(answer, start_ns, end_ns, self._states, self._known.renames))

    async def _request_halves(
        self, entities: list[str], start_ns: int, end_ns: int, refusal: CommandRefusedError
    ) -> list[Change]:
        """Home Assistant refuses a whole request for one entity that it does not accept."""
        if len(entities) == 1:
            sentences = unrecoverable.refused(entities, refusal)
            self._lost += [sentence for sentence in sentences if sentence not in self._lost]
            return []
        half = len(entities) // 2
        first = await self._request(entities[:half], start_ns, end_ns)
        return first + await self._request(entities[half:], start_ns, end_ns)

    def _note_seen(self, open_gap: OpenGap, changes: list[Change]) -> None:
        seen: dict[str, int] = {}
        for change in changes:
            seen[change.entity_id] = max(change.time_ns, seen.get(change.entity_id, 0))
            self._newest_ns = max(change.time_ns, self._newest_ns)
        open_gap.unseen = {
            entity: time_ns
            for entity, time_ns in (open_gap.unseen or {}).items()
            if max(seen.get(name, 0) for name in self._current_ids([entity])) < time_ns
        }

    def _is_restored_state(self, change: Change) -> bool:
        """Whether it is the `unavailable` of an entity that was only restored, which is no event."""
        return (change.entity_id, change.time_ns) in self._known.restored

    async def _ingest(self, changes: list[Change], stamp_ns: int) -> Tally:
        """Put changes into the spool while there is room, and return their outcomes once all have ended."""
        if not changes:
            return Tally()
        try:
            for start in range(0, len(changes), _SLICE):
                bodies = [change.event for change in changes[start : start + _SLICE]]
                await self._wait_for_room()
                self._outcomes.expect(stamp_ns, len(bodies))
                self._intake.take(bodies, OriginKind.BACKFILL, stamp_ns)
                await asyncio.sleep(0)
            return await self._outcome(stamp_ns, len(changes))
        finally:
            self._outcomes.forget(stamp_ns)

    async def _wait_for_room(self) -> None:
        spool = self._intake.spool
        while spool.is_full or spool.depth + spool.uncommitted >= self._limits.queue_limit:  # noqa: ASYNC110
            await asyncio.sleep(_POLL_S)  # live events go first

    async def _outcome(self, stamp_ns: int, changes: int) -> Tally:
        ended = asyncio.create_task(self._outcomes.wait_for(stamp_ns), name="outcomes")
        empty = asyncio.create_task(self._intake.spool.wait_until_empty(), name="spool is empty")
        try:
            await asyncio.wait({ended, empty}, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.sleep(0)
            if not ended.done():  # all events in flight have ended, so the rest is lost
                raise ChangesLostError(f"some of {changes} recovered changes were lost in the spool")
            return ended.result()
        finally:
            ended.cancel()
            empty.cancel()
            await asyncio.gather(ended, empty, return_exceptions=True)


def _read(result: Raw) -> Answer:
    try:
        return read_answer(result)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as err:
        raise HistoryUnreadableError(f"the answer to {HISTORY} is unreadable: {err}") from err
