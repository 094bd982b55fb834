"""Sensors with varying values, and meters that sum them up."""

from __future__ import annotations

from collections.abc import Callable

from ha_ingestor.demo_home.simulation import Thing, Turn

Reading = Callable[[Turn], float]


def wavering(turn: Turn, value: float, percent: float) -> float:
    """Return the value with a random deviation of some percent."""
    return value * (1.0 + turn.rng.gauss(0.0, percent / 100.0))


class Measurement:
    """A sensor that reports a value repeatedly."""

    def __init__(self, sensor: Thing, reading: Reading, *, every_s: float, digits: int = 1) -> None:
        self._sensor = sensor
        self._reading = reading
        self._every_s = every_s
        self._digits = digits

    def take_turn(self, turn: Turn) -> float:
        """Report."""
        turn.set(self._sensor, f"{self._reading(turn):.{self._digits}f}")
        return self._every_s * turn.rng.uniform(0.9, 1.1)


class PowerMeter:
    """A power sensor in W and the energy sensor in kWh that sums it up and never decreases."""

    def __init__(self, power: Thing, energy: Thing, watts: Reading, *, every_s: float, energy_kwh: float) -> None:
        self._power = power
        self._energy = energy
        self._watts = watts
        self._every_s = every_s
        self._energy_kwh = energy_kwh

    def take_turn(self, turn: Turn) -> float:
        """Report the power, and the energy if its displayed value has changed."""
        watts = max(0.0, self._watts(turn))
        seconds = self._every_s * turn.rng.uniform(0.9, 1.1)
        turn.set(self._power, f"{watts:.1f}")
        turn.set(self._energy, f"{self._energy_kwh:.3f}")
        self._energy_kwh += watts * seconds / 3.6e6
        return seconds


class Appliance:
    """A machine behind a switch that runs at times; `watts` is its power."""

    def __init__(self, switch: Thing, *, watts: float) -> None:
        self._switch = switch
        self._watts = watts

    def take_turn(self, turn: Turn) -> float:
        """Switch on or off."""
        runs = turn.state(self._switch) == "on"
        turn.set(self._switch, "off" if runs else "on")
        return turn.rng.uniform(600, 1800)

    def watts(self, turn: Turn) -> float:
        """Return its power; a small standby power while off."""
        runs = turn.state(self._switch) == "on"
        return wavering(turn, self._watts, 8.0) if runs else 0.6
