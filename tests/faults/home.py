"""The Home Assistant of a run: numbers its events, keeps them, and answers as the real one does."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from random import Random
from typing import Any

from ha_ingestor.demo_home import House, SimulatedHomeAssistant
from ha_ingestor.demo_home.history import HistoryRequest, Recorder, Row
from ha_ingestor.demo_home.registries import EntityEntry
from ha_ingestor.demo_home.server import MAX_PENDING_MESSAGES
from ha_ingestor_core.clock import NS_PER_S, NS_PER_US
from ha_ingestor_core.events import STATE_CHANGED
from msgspec import Struct

TOKEN = "token-of-the-scripted-home"
HIDDEN = frozenset({"sensor.hidden0", "sensor.hidden1", "sensor.hidden2"})
"""Entities excluded from the recorder."""
RENAMED = "sensor.name"
"""The prefix of the ids of the renamed entity."""
SLOW = ("sensor.slow0", "sensor.slow1")
"""Entities whose integrations load late; until then Home Assistant restores their states."""
USUAL_COMMIT_S = 5.0
"""Commit interval of Home Assistant's recorder; later events are not in its history yet."""
QUICK_COMMIT_S = 1.0
"""For short runs."""


class Fired(Struct, frozen=True):
    """An event as sent to the subscribers; `at` is the monotonic time of sending."""

    body: bytes
    at: float
    is_clock_wrong: bool = False
    time_ns: int | None = None
    """By the home's clock, for messages without a time."""


class HomeClock:
    """The clock of the home, which can be wrong. Times are unique unless it is set back."""

    def __init__(self) -> None:
        self._ahead_ns = 0
        self._last_ns = 0

    @property
    def is_wrong(self) -> bool:
        """Whether it differs from the clock of the machine."""
        return self._ahead_ns != 0

    def now_ns(self) -> int:
        """Return the next unused microsecond."""
        now_ns = (time.time_ns() + self._ahead_ns) // NS_PER_US * NS_PER_US
        self._last_ns = max(now_ns, self._last_ns + NS_PER_US)
        return self._last_ns

    def monotonic(self) -> float:
        """Return monotonic seconds."""
        return time.monotonic()

    def jump(self, seconds: float) -> None:
        """Change the clock by a number of seconds."""
        self._ahead_ns += round(seconds * NS_PER_S)
        self._last_ns = 0


class LateRecorder(Recorder):
    """A recorder that returns events only after its next commit."""

    def __init__(self, *, commit_s: float) -> None:
        super().__init__(max_rows=1_000_000)
        self.forgotten_before = 0.0
        self.commit_s = commit_s
        self._uncommitted: list[tuple[float, str, Row]] = []

    def add(self, entity_id: str, row: Row) -> None:
        """Add a state with the next commit, except excluded ones."""
        if entity_id in HIDDEN or (row.state is None and not self.knows(entity_id)):
            return
        self._uncommitted.append((time.monotonic(), entity_id, row))

    def rename(self, old_id: str, new_id: str) -> None:
        """Rename an entity in the history, uncommitted states included."""
        self.commit()
        super().rename(old_id, new_id)

    def commit(self) -> None:
        """Commit everything, as Home Assistant does when it stops."""
        self._commit_until(time.monotonic())

    def knows(self, entity_id: str) -> bool:
        """Return whether it has states of an entity."""
        return entity_id in self._rows or any(entity_id == known for _, known, _ in self._uncommitted)

    def forget(self, before: float) -> None:
        """Purge states updated before a time (epoch seconds), as the retention does."""
        self.forgotten_before = max(before, self.forgotten_before)

    def during(self, entity_ids: Iterable[str], request: HistoryRequest) -> dict[str, list[dict[str, Any]]]:
        """Return compressed states by entity, up to the last commit and without purged ones."""
        now = time.monotonic()
        self._commit_until(now - now % self.commit_s)
        answers = super().during(entity_ids, request)
        kept = {e: [state for state in states if state["lu"] >= self.forgotten_before] for e, states in answers.items()}
        return {entity_id: states for entity_id, states in kept.items() if states}

    def _commit_until(self, moment: float) -> None:
        ready = [entry for entry in self._uncommitted if entry[0] <= moment]
        self._uncommitted = self._uncommitted[len(ready) :]
        for _, entity_id, row in ready:
            super().add(entity_id, row)


class DatedEntry(EntityEntry, kw_only=True):
    """A registry entry with its time of change, as in Home Assistant since 2024.7."""

    modified_at: float = 0.0


class ScriptedHome:
    """A home with Home Assistant's WebSocket API, which keeps all of its events."""

    def __init__(self, rng: Random, *, commit_s: float) -> None:
        self.clock = HomeClock()
        self.recorder = LateRecorder(commit_s=commit_s)
        self.house = House(clock=self.clock, rng=rng)
        self.house.recorder = self.recorder
        self.server = SimulatedHomeAssistant(self.house, TOKEN, max_pending=MAX_PENDING_MESSAGES)
        self.fired: list[Fired] = []
        self.odd: list[Fired] = []
        """Invalid messages sent in place of an event, which must be rejected and kept."""
        self.memories: set[tuple[str, str]] = set()
        """States written by Home Assistant for restored entities, by entity and time, which are not transitions."""
        self.renames = 0
        self._entry = DatedEntry(entity_id=f"{RENAMED}0", id="id-of-the-renamed", unique_id="unique")
        self.house.registries.entities.append(self._entry)
        self.house.listen(self._note)

    @property
    def renamed_id(self) -> str:
        """The current id of the entity that is renamed."""
        return self._entry.entity_id

    def rename(self) -> None:
        """Rename the entity to an id that was never used."""
        self.renames += 1
        if self.house.get_state(self.renamed_id) is None:
            self.set_state(self.renamed_id, "new", {})
        self._entry.modified_at = self.clock.now_ns() / NS_PER_S
        self.house.rename_entity(self.renamed_id, f"{RENAMED}{self.renames}")

    def forget_slow_ones(self) -> None:
        """Remove the entities whose integrations have not loaded yet after a start."""
        for entity_id in SLOW:
            self.house.forget_state(entity_id)
            self.house.set_state(entity_id, "unavailable", {"restored": True, "friendly_name": entity_id})

    def bring_back_slow_ones(self, state: str) -> None:
        """Add these entities again: their integrations have loaded."""
        for entity_id in SLOW:
            self.house.set_state(entity_id, f"{entity_id} {state}", {})

    @property
    def has_subscriber(self) -> bool:
        """Whether there is a subscriber."""
        return self.server.subscribers > 0

    def set_state(self, entity_id: str, state: str, attributes: Mapping[str, Any]) -> None:
        """Change a state."""
        self.house.set_state(entity_id, state, attributes)

    def send_odd(self, text: str) -> None:
        """Send an invalid event to the subscribers; it is in no history."""
        if self.has_subscriber:
            self.odd.append(Fired(text.encode(), time.monotonic(), time_ns=self.clock.now_ns()))
            self.server.send_event(text)

    async def start(self) -> None:
        """Listen, on the same port after each start."""
        await self.server.start()

    async def stop(self) -> None:
        """Stop as Home Assistant does: close every connection and commit the recorder."""
        await self.server.stop()
        self.recorder.commit()

    def _note(self, event_type: str, body: bytes) -> None:
        if event_type == STATE_CHANGED and b'"restored":true' in body:
            data = json.loads(body)["data"]
            if data["new_state"]["attributes"].get("restored"):
                self.memories.add((data["entity_id"], data["new_state"]["last_updated"]))
                return
        self.fired.append(Fired(body, time.monotonic(), self.clock.is_wrong))
