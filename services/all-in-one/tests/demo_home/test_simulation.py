"""Turns run in the order of their times, each at its own time."""

from __future__ import annotations

from datetime import UTC
from random import Random

import pytest
from ha_ingestor.demo_home import House
from ha_ingestor.demo_home.simulation import Behaviour, Simulation, Thing, Turn
from ha_ingestor_core.clock import NS_PER_S

START_NS = 1_800_000_000 * NS_PER_S  # 08:00 UTC
LAMP = Thing("light.a", {"friendly_name": "Lampe"})


class Ticking:
    """Notes its turns, and takes `left` of them."""

    def __init__(self, name: str, log: list[tuple[str, int]], *, every_s: float, left: int = 1000) -> None:
        self._name, self._log, self._every_s, self._left = name, log, every_s, left

    def take_turn(self, turn: Turn) -> float | None:
        self._log.append((self._name, (turn.time_ns - START_NS) // NS_PER_S))
        self._left -= 1
        return self._every_s if self._left else None


def simulate(house: House, *behaviours: Behaviour) -> Simulation:
    return Simulation(house, behaviours, start_ns=START_NS, rng=Random(1), time_zone=UTC)


@pytest.fixture
def turn(house: House) -> Turn:
    return Turn(house, START_NS, Random(1), UTC)


def test_turns_come_in_the_order_of_their_times(house: House) -> None:
    log: list[tuple[str, int]] = []
    simulation = simulate(house, Ticking("slow", log, every_s=3), Ticking("fast", log, every_s=2))
    simulation.run_until(START_NS + 5 * NS_PER_S)
    assert log == [("slow", 0), ("fast", 0), ("fast", 2), ("slow", 3), ("fast", 4)]


def test_nobody_is_due_when_all_have_ended(house: House) -> None:
    simulation = simulate(house, Ticking("once", [], every_s=1, left=1))
    assert simulation.next_due_ns() == START_NS
    simulation.run_until(START_NS)
    assert simulation.next_due_ns() is None


def test_hour_is_the_local_one(turn: Turn) -> None:
    assert turn.hour == 8.0


def test_things_done_in_one_turn_have_moments_of_their_own(turn: Turn) -> None:
    turn.set(LAMP, "on")
    first = turn.house.states()[0].last_updated
    turn.set(LAMP, "off")
    assert first < turn.house.states()[0].last_updated


def test_given_attributes_join_those_that_never_change(turn: Turn) -> None:
    turn.set(LAMP, "on", {"brightness": 5})
    assert turn.house.states()[0].attributes == {"friendly_name": "Lampe", "brightness": 5}


def test_unavailable_thing_keeps_hardly_any_attributes(turn: Turn) -> None:
    turn.set_unavailable(Thing("light.a", {"friendly_name": "Lampe", "max_mireds": 454}))
    assert turn.house.states()[0].attributes == {"friendly_name": "Lampe"}
