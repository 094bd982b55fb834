"""A house: states, event bus, registries and recorded history, without a network interface."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

import msgspec
from ha_ingestor_core.clock import NS_PER_US, Clock, SystemClock, ns_to_datetime
from ha_ingestor_core.events import STATE_CHANGED
from msgspec import Struct

from ha_ingestor.demo_home.contexts import Context, ContextFactory
from ha_ingestor.demo_home.history import Recorder, Row
from ha_ingestor.demo_home.registries import Registries

HA_VERSION = "2024.3.3"


class State(Struct, frozen=True):
    """One state, with the keys in Home Assistant's order."""

    entity_id: str
    state: str
    attributes: Mapping[str, Any]
    last_changed: str
    last_updated: str
    context: Context


class FiredEvent(Struct, frozen=True):
    """One event of the bus, with the keys in Home Assistant's order."""

    event_type: str
    data: Any
    origin: str
    time_fired: str
    context: Context


class _StateChange(Struct, frozen=True):
    entity_id: str
    old_state: State | None
    new_state: State | None


Listener = Callable[[str, bytes], None]
"""Receives the type of an event and its JSON, encoded once for all listeners."""


class House:
    """The state machine and the event bus; `set_state`, `remove_state` and `fire` script it."""

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        rng: Random | None = None,
        registries: Registries | None = None,
        name: str = "Demo Home",
        time_zone: str = "UTC",
    ) -> None:
        self.registries = registries or Registries()
        self.recorder = Recorder()
        self.contexts = ContextFactory(rng or Random())  # noqa: S311 - ids of a simulated house
        self.name = name
        self.time_zone = time_zone
        self._clock = clock or SystemClock()
        self._states: dict[str, State] = {}
        self._changed_s: dict[str, float] = {}
        self._listeners: list[Listener] = []

    def now_ns(self) -> int:
        """Return the time of the clock of the house."""
        return self._clock.now_ns()

    def states(self) -> list[State]:
        """Return all current states."""
        return list(self._states.values())

    def get_state(self, entity_id: str) -> State | None:
        """Return the state of an entity; None if it does not exist."""
        return self._states.get(entity_id)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call a listener with each event; return a function that removes it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def set_state(
        self,
        entity_id: str,
        state: str,
        attributes: Mapping[str, Any] | None = None,
        *,
        context: Context | None = None,
        time_ns: int | None = None,
    ) -> Context | None:
        """Set a state and fire `state_changed`; return None if nothing changed, as Home Assistant fires no event then.

        Attributes that are left out stay as they were.
        """
        old = self._states.get(entity_id)
        if attributes is None:
            attributes = old.attributes if old else {}
        same_state = old is not None and old.state == state
        if old and same_state and old.attributes == attributes:
            return None
        time_ns = self._clock.now_ns() if time_ns is None else time_ns
        context = context or self.contexts.new(time_ns)
        now = _iso_time(time_ns)
        new = State(entity_id, state, attributes, old.last_changed if old and same_state else now, now, context)
        self._states[entity_id] = new
        self._record(entity_id, state, attributes, time_ns, same_state=same_state)
        self._publish(STATE_CHANGED, _StateChange(entity_id, old, new), now, context)
        return context

    def remove_state(self, entity_id: str, *, time_ns: int | None = None) -> None:
        """Remove an entity, with a `state_changed` without a new state; does nothing if it does not exist."""
        old = self._states.pop(entity_id, None)
        if old is None:
            return
        time_ns = self._clock.now_ns() if time_ns is None else time_ns
        self._record(entity_id, None, {}, time_ns, same_state=False)
        context = self.contexts.new(time_ns)
        self._publish(STATE_CHANGED, _StateChange(entity_id, old, None), _iso_time(time_ns), context)

    def forget_state(self, entity_id: str) -> None:
        """Remove an entity without an event, as a restart does."""
        self._states.pop(entity_id, None)

    def rename_entity(self, old_id: str, new_id: str) -> None:
        """Rename an entity in the registry: the old id is removed and the new id added."""
        entry = next(entry for entry in self.registries.entities if entry.entity_id == old_id)
        entry.entity_id = new_id
        self.recorder.rename(old_id, new_id)
        changes = {"action": "update", "entity_id": new_id, "changes": {"entity_id": old_id}, "old_entity_id": old_id}
        self.fire("entity_registry_updated", changes)
        old = self._states.get(old_id)
        if old is not None:
            self.remove_state(old_id)
            self.set_state(new_id, old.state, old.attributes)

    def fire(
        self,
        event_type: str,
        data: Mapping[str, Any] | None = None,
        *,
        context: Context | None = None,
        time_ns: int | None = None,
        origin: str = "LOCAL",
    ) -> Context:
        """Fire an event and return its context."""
        time_ns = self._clock.now_ns() if time_ns is None else time_ns
        context = context or self.contexts.new(time_ns)
        self._publish(event_type, data or {}, _iso_time(time_ns), context, origin)
        return context

    def config(self) -> dict[str, Any]:
        """Return the answer to `get_config`."""
        return {
            "latitude": 52.37,
            "longitude": 4.9,
            "elevation": 2,
            "unit_system": _UNIT_SYSTEM,
            "location_name": self.name,
            "time_zone": self.time_zone,
            "components": ["api", "config", "history", "http", "recorder", "sensor", "websocket_api"],
            "config_dir": "/config",
            "version": HA_VERSION,
            "config_source": "yaml",
            "recovery_mode": False,
            "state": "RUNNING",
            "external_url": None,
            "internal_url": None,
            "currency": "EUR",
            "country": None,
            "language": "en",
            "safe_mode": False,
        }

    def _record(
        self, entity_id: str, state: str | None, attributes: Mapping[str, Any], time_ns: int, *, same_state: bool
    ) -> None:
        updated = _seconds(time_ns)
        if not same_state:
            self._changed_s[entity_id] = updated
        self.recorder.add(entity_id, Row(state, attributes, updated=updated, changed=self._changed_s[entity_id]))

    def _publish(self, event_type: str, data: Any, time_fired: str, context: Context, origin: str = "LOCAL") -> None:
        if not self._listeners:
            return
        event = msgspec.json.encode(FiredEvent(event_type, data, origin, time_fired, context))
        for listener in tuple(self._listeners):
            listener(event_type, event)


_UNIT_SYSTEM = {
    "length": "km",
    "accumulated_precipitation": "mm",
    "mass": "g",
    "pressure": "Pa",
    "temperature": "°C",
    "volume": "L",
    "wind_speed": "m/s",
}


def _iso_time(time_ns: int) -> str:
    # Without a timespec, as Home Assistant does: microseconds are omitted if they are 0.
    return ns_to_datetime(time_ns).isoformat()


def _seconds(time_ns: int) -> float:
    # datetime.timestamp() of a UTC time gives the same float as Home Assistant.
    return time_ns // NS_PER_US / 1e6
