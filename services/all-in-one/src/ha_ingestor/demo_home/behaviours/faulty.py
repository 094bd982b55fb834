"""Faulty devices: a sensor that goes silent, and one that flaps."""

from __future__ import annotations

from ha_ingestor.demo_home.simulation import Thing, Turn


class SilentSensor:
    """Reports until `silent_from_ns` and then goes silent: its battery is empty."""

    def __init__(self, sensor: Thing, *, silent_from_ns: int) -> None:
        self._sensor = sensor
        self._silent_from_ns = silent_from_ns

    def take_turn(self, turn: Turn) -> float | None:
        """Report while the battery lasts."""
        if turn.time_ns >= self._silent_from_ns:
            return None
        turn.set(self._sensor, f"{turn.rng.gauss(67.0, 0.8):.1f}")
        return 10.0


class FlappingSensor:
    """Loses its radio link every few seconds and reconnects."""

    def __init__(self, sensor: Thing) -> None:
        self._sensor = sensor

    def take_turn(self, turn: Turn) -> float:
        """Toggle between available and unavailable."""
        if turn.state(self._sensor) in (None, "unavailable"):
            turn.set(self._sensor, f"{turn.rng.gauss(6.0, 0.2):.1f}")
        else:
            turn.set_unavailable(self._sensor)
        return turn.rng.uniform(2.0, 6.0)
