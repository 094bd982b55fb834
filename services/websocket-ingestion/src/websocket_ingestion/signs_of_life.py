"""Signs of life: a sensor that repeats its value changes nothing, so only `last_reported` in the states tells of it."""

from __future__ import annotations

import asyncio

import msgspec
import structlog
from ha_ingestor_core.alive import Alive, AliveSink
from ha_ingestor_core.clock import datetime_to_ns
from ha_ingestor_core.errors import IngestorError
from ha_ingestor_core.events import AwareDatetime
from msgspec import Raw, Struct

from websocket_ingestion.errors import CommandRefusedError
from websocket_ingestion.registries import CommandRunner

_log = structlog.get_logger()

_SLICE = 500
_NO_SIGN = frozenset({"unavailable", "unknown"})
"""States that Home Assistant or an integration writes for an entity that says nothing itself."""


class _State(Struct, gc=False):
    entity_id: str
    state: str
    last_updated: AwareDatetime
    last_reported: AwareDatetime | None = None


_states = msgspec.json.Decoder(list[Raw])
_state = msgspec.json.Decoder(_State)


class SignsOfLife:
    """Asks for all states every `interval_s`, and keeps who reported without changing; 0: never.

    Home Assistant tells `last_reported` since 2024.4; from an older one there is nothing to keep.
    """

    def __init__(self, *, home: str, sink: AliveSink, interval_s: float) -> None:
        self._home = home
        self._sink = sink
        self._interval_s = interval_s
        self._kept: dict[str, int] = {}
        self._is_failing = False

    async def poll(self, runner: CommandRunner) -> None:
        """Do so on one connection, until it ends."""
        if not self._interval_s:
            return
        while True:
            await asyncio.sleep(self._interval_s)
            await self.look(runner)

    async def look(self, runner: CommandRunner) -> None:
        """Ask once; raises ConnectionLostError alone: the store may be away, and a sign missed is no event lost."""
        try:
            answer = await runner.command("get_states")
        except CommandRefusedError as err:
            _log.debug("states_refused", code=err.code, error=err.message)
            return
        signs = await self._fresh(answer.result)
        if not signs:
            return
        try:
            await self._sink.write_alive(signs)
        except IngestorError as err:
            log = _log.debug if self._is_failing else _log.warning
            log("signs_of_life_not_kept", key=err.key, error=err.message, then="asked again")
            self._is_failing = True
            return
        self._is_failing = False
        self._kept.update((sign.entity_id, sign.time_ns) for sign in signs)

    async def _fresh(self, states: Raw) -> list[Alive]:
        """Who reported since the last sign that was kept, and changed nothing by it."""
        try:
            pieces = _states.decode(states)
        except msgspec.MsgspecError:
            return []
        signs: list[Alive] = []
        for start in range(0, len(pieces), _SLICE):
            await asyncio.sleep(0)  # thousands of states must not hold up the reader
            signs += [
                Alive(self._home, entity_id, time_ns)
                for entity_id, time_ns in map(sign_of_life, pieces[start : start + _SLICE])
                if time_ns > self._kept.get(entity_id, 0)
            ]
        return signs


def sign_of_life(state: Raw) -> tuple[str, int]:
    """The entity of a state, and when it reported that state again; 0 where it did not, or nobody can say."""
    try:
        told = _state.decode(state)
    except msgspec.MsgspecError:
        return "", 0
    if told.last_reported is None or told.last_reported <= told.last_updated or told.state in _NO_SIGN:
        return "", 0
    return told.entity_id, datetime_to_ns(told.last_reported)
