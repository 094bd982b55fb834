"""Fills one gap over one connection: asks stretch by stretch, hands on what comes, waits until the store has it."""

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
from websocket_ingestion.gaps import unrecoverable as losses
from websocket_ingestion.gaps.journal import OpenGap
from websocket_ingestion.gaps.known_entities import KnownEntities, changed_in
from websocket_ingestion.gaps.outcomes import Outcomes, Tally
from websocket_ingestion.gaps.plan import (
    DAY_NS,
    FillingLimits,
    chunks,
    first_window,
    history_range,
    is_valid_entity_id,
    next_window,
)
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
    """Home Assistant answered a question for history with something that is none."""

    key = "history_unreadable"


class ChangesLostError(TransientError):
    """Recovered changes were lost in the spool before the store had them, so they have to be asked for again."""

    key = "changes_lost"


class GapFiller:
    """What filling needs beyond the gap: a connection's home, the intake, and the outcomes of what it takes."""

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
        self, filled: OpenGap, entities: Collection[str], on_progress: Callable[[], Awaitable[None]]
    ) -> list[str]:
        """Bring all that the history knows of the gap into the store; what could not be recovered, a sentence each.

        `filled` is kept up to date, and `on_progress` called after each stretch. Raises IngestorError, to go on later.
        """
        await asyncio.sleep(self._home.since + self._limits.settle_s - self._clock.monotonic())
        start_ns, end_ns = history_range(filled.gap, self._limits.keep_days)
        asked = {entity for entity in {*entities, *await self._came_and_went(filled)} if is_valid_entity_id(entity)}
        filled.gap = msgspec.structs.replace(filled.gap, entities=len(asked))
        self._from_ns = max(start_ns, filled.done_ns or start_ns)
        if filled.unseen is None:
            filled.unseen = changed_in(filled.gap, self._home)
        try:
            await self._sweep(filled, asked, self._from_ns, end_ns, on_progress)
            missing = await self._sweep_again(filled, end_ns, on_progress)
            if not filled.only:
                missing -= await self._recorded(missing - self._home.updated.keys(), start_ns, end_ns)
        except CommandRefusedError as err:
            if err.code not in NEVER_HELPS:
                raise
            return [losses.history_refused(err)]
        self._lost += losses.never_sent(filled.only, missing) if filled.only else losses.not_recorded(missing)
        if filled.gap.reason is not GapReason.FIRST_START:
            self._lost += losses.too_old(filled.gap, self._home.now_ns - self._limits.keep_days * DAY_NS, self._limits)
        return self._lost

    async def _sweep_again(self, filled: OpenGap, end_ns: int, on_progress: Callable[[], Awaitable[None]]) -> set[str]:
        """Ask again for entities of whose last change the history said nothing; those of which it never does.

        It may be late. Where it knows of something that came after, it is not: it records in the order of the bus.
        """
        for _ in range(1, _SWEEPS):
            late = {entity for entity, time_ns in (filled.unseen or {}).items() if time_ns > self._newest_ns}
            if not late:
                break
            await asyncio.sleep(self._limits.settle_s)
            await self._sweep(filled, late, self._from_ns, end_ns, on_progress)
        return set(filled.unseen or ())

    async def _came_and_went(self, filled: OpenGap) -> set[str]:
        """Entities that nothing here knows of, since they were there between two looks alone."""
        if filled.only:
            return set()
        start_ns, end_ns = history_range(filled.gap, self._limits.keep_days)
        return await recorded_entities(self._home.runner, start_ns, end_ns, rest_s=self._limits.rest_s)

    async def _recorded(self, vanished: set[str], start_ns: int, end_ns: int) -> set[str]:
        """Those of the entities that the history knows from before: nothing of theirs changed, then.

        A restart of Home Assistant forgets states without telling.
        """
        recorded: set[str] = set()
        for chunk in chunks(vanished, self._limits.entities):
            question = {**history_request(chunk, start_ns, end_ns), "include_start_time_state": True}
            try:
                recorded.update(_read((await self._home.runner.command(HISTORY, **question)).result))
            except CommandRefusedError as err:
                if err.code not in losses.BY_ENTITY:
                    raise
            await asyncio.sleep(self._limits.rest_s)
        return recorded

    async def _sweep(
        self,
        filled: OpenGap,
        entities: Collection[str],
        start_ns: int,
        end_ns: int,
        on_progress: Callable[[], Awaitable[None]],
    ) -> None:
        window_ns = first_window(round(self._limits.window_s * NS_PER_S), filled.tried_window_ns)
        while start_ns < end_ns:
            filled.tried_window_ns, filled.asked = window_ns, 0
            stamp_ns = self._begin_stretch(filled)
            await on_progress()
            until_ns = min(start_ns + window_ns, end_ns)
            tally, most_rows = Tally(), 0
            asked: set[str] = set()
            while ids := self._ids_of_today(entities) - asked:  # an entity may be renamed meanwhile
                asked |= ids
                for chunk in chunks(ids, self._limits.entities):
                    changes = await self._ask(chunk, start_ns, until_ns)
                    self._note_seen(filled, changes)
                    changes = [change for change in changes if not self._is_memory(change)]
                    most_rows = max(most_rows, len(changes))
                    tally += await self._hand_over(changes, stamp_ns)
                    filled.asked += len(chunk)
            self._end_stretch(filled, tally)
            filled.done_ns = start_ns = until_ns
            filled.tried_window_ns, filled.asked = None, 0
            window_ns = next_window(window_ns, most_rows)
        await on_progress()

    def _begin_stretch(self, filled: OpenGap) -> int:
        """The stamp of a new attempt, known on disk before any of its changes is in the spool."""
        stamp_ns = self._intake.stamp_ns()
        filled.stamps = [*filled.stamps, stamp_ns]
        self._outcomes.begin(stamp_ns)
        return stamp_ns

    def _end_stretch(self, filled: OpenGap, tally: Tally) -> None:
        """Count a stretch; what attempts that were interrupted wrote of it was known to the last one already."""
        *interrupted, _ = filled.stamps
        earlier = min(self._outcomes.written(interrupted), tally.known)
        gap = filled.gap
        filled.gap = msgspec.structs.replace(
            gap, recovered=gap.recovered + tally.recovered + earlier, known=gap.known + tally.known - earlier
        )
        self._outcomes.drop(filled.stamps)
        filled.stamps = []

    def _ids_of_today(self, entities: Collection[str]) -> set[str]:
        """The ids, and those that entities which were renamed since go by now: the history knows them by no other."""
        renames = self._known.renames
        return {*entities, *(current_id(entity, renames) for entity in entities)} if renames else set(entities)

    async def _ask(self, entities: list[str], start_ns: int, end_ns: int) -> list[Change]:
        begin = self._clock.monotonic()
        try:
            reply = await self._home.runner.command(HISTORY, **history_request(entities, start_ns, end_ns))
        except CommandRefusedError as err:
            if err.code in NEVER_HELPS or err.code not in losses.BY_ENTITY:
                raise
            return await self._ask_by_halves(entities, start_ns, end_ns, err)
        finally:
            # Half of the time is Home Assistant's own at least.
            await asyncio.sleep(max(self._limits.rest_s, self._clock.monotonic() - begin))
        answer = _read(reply.result)
        return list(changes_in(answer, start_ns, end_ns, self._states, self._known.renames))

    async def _ask_by_halves(
        self, entities: list[str], start_ns: int, end_ns: int, refusal: CommandRefusedError
    ) -> list[Change]:
        """One entity that Home Assistant does not take spoils the question for all."""
        if len(entities) == 1:
            self._lost += [sentence for sentence in losses.refused(entities, refusal) if sentence not in self._lost]
            return []
        half = len(entities) // 2
        first = await self._ask(entities[:half], start_ns, end_ns)
        return first + await self._ask(entities[half:], start_ns, end_ns)

    def _note_seen(self, filled: OpenGap, changes: list[Change]) -> None:
        seen: dict[str, int] = {}
        for change in changes:
            seen[change.entity_id] = max(change.time_ns, seen.get(change.entity_id, 0))
            self._newest_ns = max(change.time_ns, self._newest_ns)
        filled.unseen = {
            entity: time_ns
            for entity, time_ns in (filled.unseen or {}).items()
            if max(seen.get(name, 0) for name in self._ids_of_today([entity])) < time_ns
        }

    def _is_memory(self, change: Change) -> bool:
        """Whether it is the `unavailable` of an entity that was only restored: a state that the snapshot leaves out."""
        return (change.entity_id, change.time_ns) in self._known.memories

    async def _hand_over(self, changes: list[Change], stamp_ns: int) -> Tally:
        """Put changes into the spool, whenever there is room, and wait until all have ended."""
        if not changes:
            return Tally()
        try:
            for start in range(0, len(changes), _SLICE):
                bodies = [change.event for change in changes[start : start + _SLICE]]
                await self._wait_for_room()
                self._outcomes.expect(stamp_ns, len(bodies))
                self._intake.take(bodies, OriginKind.BACKFILL, stamp_ns)
                await asyncio.sleep(0)
            return await self._ended(stamp_ns, len(changes))
        finally:
            self._outcomes.forget(stamp_ns)

    async def _wait_for_room(self) -> None:
        spool = self._intake.spool
        while spool.is_full or spool.depth + spool.uncommitted >= self._limits.queue_limit:  # noqa: ASYNC110
            await asyncio.sleep(_POLL_S)  # in no hurry: every turn that is left out is one for what is live

    async def _ended(self, stamp_ns: int, changes: int) -> Tally:
        ended = asyncio.create_task(self._outcomes.of(stamp_ns), name="outcomes")
        empty = asyncio.create_task(self._intake.spool.wait_until_empty(), name="spool is empty")
        try:
            await asyncio.wait({ended, empty}, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.sleep(0)
            if not ended.done():  # whatever was on its way has ended: the rest is not there any more
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
