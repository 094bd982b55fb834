"""Which process writes the events of a store: one at a time, the holder of the highest term (docs/adr/0039).

InfluxDB can't compare and set, so a process announces its candidacy in a point of its own, and takes the next term only
if a second read shows neither another candidate nor another term. What a former holder sent late never counts: it
belongs to a lower term.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from secrets import token_hex
from typing import TypeVar

import msgspec
from ha_ingestor_core.clock import Clock
from ha_ingestor_core.errors import StoreRefusedError, StoreUnavailableError
from msgspec import Struct

from ha_ingestor_store.influx.database import Database
from ha_ingestor_store.influx.rollups.ledger import IN_DOUBT_S
from ha_ingestor_store.influx.rollups.progress import NO_PROGRESS, Progress
from ha_ingestor_store.influx.schema import PROGRESS, PROGRESS_TIME_NS
from ha_ingestor_store.influx.writing.batch_writer import BatchWriter
from ha_ingestor_store.influx.writing.line_protocol import text_line

VALID_S = 30.0
"""How long a term is valid after the sending of its last acknowledged save; no write of its holder lasts longer."""
EXPIRED_S = 40.0
"""How long another process must have seen the same save before it takes the lease."""
RESTARTED_S = 3.0
"""The same for the instance that held it: it runs once, and saves every second."""
_CANDIDACY_EXPIRED_S = VALID_S + IN_DOUBT_S
"""The first save of a candidate that died may arrive for so long."""
_SHORTEST_WRITE_S = 0.5
_POINTS = 32
_TERM, _CANDIDATE = "term ", "candidate "

T = TypeVar("T")


class Standing(Struct, frozen=True, omit_defaults=True):
    """The last save of a term. `is_clean`: nothing that its holder has sent may still arrive."""

    term: int
    holder: str
    beat: int = 0
    is_released: bool = False
    is_clean: bool = False
    progress: Progress = NO_PROGRESS


class Candidacy(Struct, frozen=True):
    """Whether a process is about to take the lease; `nonce` tells apart its attempts."""

    nonce: str
    is_open: bool


def standing_line(standing: Standing) -> str:
    """Return the line of a term's point."""
    return _line(f"{_TERM}{standing.term % _POINTS}", standing)


def newest_standing(texts: Mapping[str, str]) -> Standing | None:
    """Return the save of the highest term; raises StoreRefusedError if one can't be read."""
    found = [_decoded(text, Standing) for owner, text in texts.items() if owner.startswith(_TERM)]
    return max(found, key=lambda standing: standing.term, default=None)


class Term:
    """One tenure of this process."""

    def __init__(self, number: int, holder: str, clock: Clock, began_at: float, found: Standing | None) -> None:
        self.number = number
        self.holder = holder
        self.found = found
        self._clock = clock
        self._valid_until = began_at + VALID_S

    @property
    def is_held(self) -> bool:
        """Whether this process may still write."""
        return self._clock.monotonic() + _SHORTEST_WRITE_S < self._valid_until

    def remaining_s(self) -> float:
        """Return how long a write may last that begins now; raises StoreUnavailableError if the term has ended."""
        if not self.is_held:
            raise StoreUnavailableError("The lease on writing events was lost; it is taken again", retry_after_s=1.0)
        return self._valid_until - self._clock.monotonic()

    def renew(self, sent_at: float) -> None:
        """Extend the term, since a save that was sent at this time was acknowledged; a term that has ended stays so."""
        if self.is_held:
            self._valid_until = max(self._valid_until, sent_at + VALID_S)

    def end(self) -> None:
        """Write nothing more."""
        self._valid_until = 0.0


class Lease:
    """Takes the lease for one instance."""

    def __init__(self, database: Database, writer: BatchWriter, *, clock: Clock, instance: str) -> None:
        self._database = database
        self._writer = writer
        self._clock = clock
        self._instance = instance or token_hex(8)
        self._seen: dict[str, tuple[str, float]] = {}
        self._highest = 0

    async def take(self, begin: Callable[[Standing | None], Progress]) -> Term:
        """Take the next term; its progress is made of the save of the last one.

        Raises StoreUnavailableError while another process holds the lease, and what the server raises.
        """
        before = await self._read()
        found = newest_standing(before)
        if found is not None and not self._has_ended(found):
            raise StoreUnavailableError(f"{found.holder} writes the events of this InfluxDB", retry_after_s=1.0)
        self._refuse_other_candidates(before)
        stood_at = self._clock.monotonic()
        await self._stand(is_open=True)
        after = await self._read()
        try:
            self._refuse_other_candidates(after)
            if _terms(after) != _terms(before) or self._clock.monotonic() - stood_at > VALID_S:
                raise StoreUnavailableError("Another process takes the lease on writing events", retry_after_s=1.0)
        except StoreUnavailableError:
            await self._stand(is_open=False)
            raise
        self._highest = max(self._highest, found.term if found else 0) + 1
        sent_at = self._clock.monotonic()
        # A candidacy whose save has no answer stays open: the save may still arrive.
        await self._write(standing_line(Standing(self._highest, self._instance, progress=begin(found))))
        await self._stand(is_open=False)
        return Term(self._highest, self._instance, self._clock, sent_at, found)

    def _has_ended(self, found: Standing) -> bool:
        is_own = found.holder == self._instance
        if found.is_released or (is_own and found.term == self._highest):
            return True
        limit_s = RESTARTED_S if is_own else EXPIRED_S
        return self._unchanged_s(f"{_TERM}{found.term % _POINTS}") >= limit_s

    def _refuse_other_candidates(self, texts: Mapping[str, str]) -> None:
        for owner, text in texts.items():
            if not owner.startswith(_CANDIDATE) or owner == _CANDIDATE + self._instance:
                continue
            if _decoded(text, Candidacy).is_open and self._unchanged_s(owner) < _CANDIDACY_EXPIRED_S:
                raise StoreUnavailableError("Another process takes the lease on writing events", retry_after_s=1.0)

    def _unchanged_s(self, owner: str) -> float:
        return self._clock.monotonic() - self._seen[owner][1]

    async def _read(self) -> dict[str, str]:
        texts = await self._database.progress()
        now = self._clock.monotonic()
        for owner, text in texts.items():
            if self._seen.get(owner, ("", 0.0))[0] != text:
                self._seen[owner] = (text, now)
        return texts

    async def _stand(self, *, is_open: bool) -> None:
        await self._write(_line(_CANDIDATE + self._instance, Candidacy(token_hex(4), is_open)))

    async def _write(self, line: str) -> None:
        refused = await self._writer.write(self._database.write_target(rollups=True), [line])
        if refused:
            raise StoreRefusedError(f"the lease on writing events was refused: {refused[0].message}")


def _terms(texts: Mapping[str, str]) -> dict[str, str]:
    return {owner: text for owner, text in texts.items() if owner.startswith(_TERM)}


def _line(owner: str, state: Struct) -> str:
    return text_line(PROGRESS, msgspec.json.encode(state).decode(), PROGRESS_TIME_NS, {"owner": owner})


def _decoded(text: str, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.MsgspecError as err:
        raise StoreRefusedError(f"{PROGRESS} was written by a later release, or by another program: {err}") from err
