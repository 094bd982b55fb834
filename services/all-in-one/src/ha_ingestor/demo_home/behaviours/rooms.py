"""The climate of a room, and its light, which an automation switches on motion."""

from __future__ import annotations

from typing import Any

from ha_ingestor.demo_home.contexts import Context
from ha_ingestor.demo_home.daily_patterns import activity, comfort_temperature, daylight, is_dark, outdoor_temperature
from ha_ingestor.demo_home.simulation import Thing, Turn


class RoomClimate:
    """Temperature and humidity of a room, and its thermostat, if any."""

    def __init__(self, *, temperature: Thing, humidity: Thing, thermostat: Thing | None) -> None:
        self._temperature = temperature
        self._humidity = humidity
        self._thermostat = thermostat
        self._degrees: float | None = None

    def take_turn(self, turn: Turn) -> float:
        """Drift towards the outside, or towards the target while heating; then report."""
        target = comfort_temperature(turn.hour)
        degrees = target if self._degrees is None else self._degrees
        heating = self._thermostat is not None and degrees < target
        goal = target + 1.0 if heating else outdoor_temperature(turn.hour)
        self._degrees = degrees + (goal - degrees) * (0.02 if heating else 0.002) + turn.rng.gauss(0.0, 0.03)
        turn.set(self._temperature, f"{self._degrees:.2f}")
        turn.set(self._humidity, f"{48.0 - (self._degrees - 20.0) * 1.5 + turn.rng.gauss(0, 0.4):.1f}")
        if self._thermostat:
            current = {
                "current_temperature": round(self._degrees, 1),
                "temperature": target,
                "hvac_action": "heating" if heating else "idle",
            }
            turn.set(self._thermostat, "heat", current)
        return turn.rng.uniform(15, 25)


class MotionLight:
    """Motion in a room: the sensor reports it, and an automation switches the light on while it is dark."""

    def __init__(
        self,
        *,
        motion: Thing,
        illuminance: Thing,
        light: Thing,
        automation: Thing,
    ) -> None:
        self._motion = motion
        self._illuminance = illuminance
        self._light = light
        self._automation = automation
        self._quiet_turns = 0

    def take_turn(self, turn: Turn) -> float:
        """Start or stop motion; the light is switched off after a while without motion."""
        if turn.state(self._motion) is None:
            return self._begin(turn)
        if turn.state(self._motion) == "off" and turn.rng.random() < activity(turn.hour):
            self._quiet_turns = 0
            cause = turn.set(self._motion, "on")
            if is_dark(turn.hour) and turn.state(self._light) == "off":
                self._switch(turn, "on", cause)
        else:
            self._quiet_turns += 1
            cause = turn.set(self._motion, "off")
            if self._quiet_turns >= 2 and turn.state(self._light) == "on":
                self._switch(turn, "off", cause)
        self._report_illuminance(turn)
        return turn.rng.uniform(8, 25)

    def _begin(self, turn: Turn) -> float:
        turn.set(self._motion, "off")
        turn.set(self._light, "off", _lit(False))
        turn.set(self._automation, "on", {"last_triggered": None, "current": 0})
        self._report_illuminance(turn)
        return turn.rng.uniform(1, 10)

    def _switch(self, turn: Turn, to: str, cause: Context | None) -> None:
        context = turn.caused_by(cause)
        trigger = {
            "name": self._automation.attributes["friendly_name"],
            "entity_id": self._automation.entity_id,
            "source": f"state of {self._motion.entity_id}",
        }
        turn.fire("automation_triggered", trigger, context)
        triggered_at = turn.local.isoformat()
        turn.set(self._automation, "on", {"last_triggered": triggered_at, "current": 1}, context)
        service_data = {"entity_id": [self._light.entity_id]}
        turn.fire("call_service", {"domain": "light", "service": f"turn_{to}", "service_data": service_data}, context)
        turn.set(self._light, to, _lit(to == "on"), context)
        turn.set(self._automation, "on", {"last_triggered": triggered_at, "current": 0}, context)

    def _report_illuminance(self, turn: Turn) -> None:
        lux = 4.0 + 600.0 * daylight(turn.hour) + (120.0 if turn.state(self._light) == "on" else 0.0)
        turn.set(self._illuminance, f"{lux * turn.rng.uniform(0.95, 1.05):.0f}")


def _lit(on: bool) -> dict[str, Any]:
    return {"color_mode": "color_temp" if on else None, "brightness": 180 if on else None}
