"""Runs the behaviours of a house in the order of their times, in the past or in real time."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo
from random import Random
from typing import Any, NamedTuple, Protocol

from ha_ingestor_core.clock import NS_PER_S, NS_PER_US, ns_to_datetime

from ha_ingestor.demo_home.contexts import Context
from ha_ingestor.demo_home.house import House

_KEPT_WHILE_UNAVAILABLE = ("unit_of_measurement", "device_class", "state_class", "friendly_name")


class Thing(NamedTuple):
    """An entity, and those of its attributes that never change."""

    entity_id: str
    attributes: Mapping[str, Any]


class Turn:
    """One turn of a behaviour: its time, its random numbers, and its access to the house.

    Each action takes some hundred microseconds, so that no two have the same time.
    """

    def __init__(self, house: House, time_ns: int, rng: Random, time_zone: tzinfo | None) -> None:
        self.house = house
        self.time_ns = time_ns
        self.rng = rng
        self._time_zone = time_zone

    @property
    def local(self) -> datetime:
        """The local time of the house."""
        return ns_to_datetime(self.time_ns).astimezone(self._time_zone)

    @property
    def hour(self) -> float:
        """The hour of the day with its fraction, 0-24."""
        local = self.local
        return local.hour + local.minute / 60 + local.second / 3600

    def state(self, thing: Thing) -> str | None:
        """Return the state of a thing; None if it has none yet."""
        state = self.house.get_state(thing.entity_id)
        return state.state if state else None

    def set(
        self, thing: Thing, state: str, attributes: Mapping[str, Any] | None = None, context: Context | None = None
    ) -> Context | None:
        """Set a state and variable attributes; return None if nothing changed."""
        merged = {**thing.attributes, **attributes} if attributes else thing.attributes
        return self.house.set_state(thing.entity_id, state, merged, context=context, time_ns=self._next_moment())

    def set_unavailable(self, thing: Thing) -> None:
        """Make a thing unavailable, with few attributes left."""
        kept = {name: thing.attributes[name] for name in _KEPT_WHILE_UNAVAILABLE if name in thing.attributes}
        self.house.set_state(thing.entity_id, "unavailable", kept, time_ns=self._next_moment())

    def fire(self, event_type: str, data: Mapping[str, Any], context: Context | None = None) -> Context:
        """Fire an event."""
        return self.house.fire(event_type, data, context=context, time_ns=self._next_moment())

    def caused_by(self, parent: Context | None) -> Context:
        """Return a new context with a parent."""
        return self.house.contexts.new(self.time_ns, parent=parent)

    def _next_moment(self) -> int:
        self.time_ns += self.rng.randrange(100, 900) * NS_PER_US
        return self.time_ns


class Behaviour(Protocol):
    """Something in the house that acts on its own."""

    def take_turn(self, turn: Turn) -> float | None:
        """Act; return the seconds until the next turn, None for no more turns."""
        ...


class Simulation:
    """All behaviours of a house, starting at `start_ns` shortly one after the other."""

    def __init__(
        self,
        house: House,
        behaviours: Iterable[Behaviour],
        *,
        start_ns: int,
        rng: Random,
        time_zone: tzinfo | None = None,
    ) -> None:
        self._house = house
        self._rng = rng
        self._time_zone = time_zone
        self._due = [(start_ns + i * NS_PER_US * 1000, i, behaviour) for i, behaviour in enumerate(behaviours)]
        heapq.heapify(self._due)

    def next_due_ns(self) -> int | None:
        """Return the time of the next turn; None if there is none."""
        return self._due[0][0] if self._due else None

    def run_until(self, time_ns: int) -> None:
        """Run all turns that are due until a time."""
        while self._due and self._due[0][0] <= time_ns:
            due_ns, order, behaviour = heapq.heappop(self._due)
            seconds = behaviour.take_turn(Turn(self._house, due_ns, self._rng, self._time_zone))
            if seconds is not None:
                heapq.heappush(self._due, (due_ns + round(seconds * NS_PER_S), order, behaviour))
