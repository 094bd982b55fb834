"""The known weather of a home by time; events take it without waiting."""

from __future__ import annotations

from bisect import bisect_right

import structlog
from ha_ingestor_core.clock import NS_PER_US
from ha_ingestor_store.points import Weather, WeatherObservation

from enrichment_pipeline.validation.event_reader import ValidEvent
from enrichment_pipeline.weather.weather_entity import read_weather

_log = structlog.get_logger()

_OBSERVATIONS_KEPT = 2_000
"""One week at an interval of five minutes, for events that arrive late or come from Home Assistant's history."""


class HomeWeather:
    """The weather of one home over the last days; `hits` counts the events with weather.

    `problem` is the reason for missing weather where an operator must act.
    """

    def __init__(self, home: str, *, max_age_ns: int) -> None:
        self._home = home
        self._max_age_ns = max_age_ns
        self._times: list[int] = []
        self._weathers: list[Weather] = []
        self.hits = 0
        self.problem: str | None = None

    def at(self, time_ns: int) -> Weather | None:
        """Return the newest weather observed until a time; None where that is too old."""
        times = self._times
        if not times:
            return None
        at = len(times) if times[-1] <= time_ns else bisect_right(times, time_ns)
        if at == 0 or time_ns - times[at - 1] > self._max_age_ns:
            return None
        self.hits += 1
        return self._weathers[at - 1]

    def observe(self, event: ValidEvent) -> WeatherObservation | None:
        """Add the weather that an event of the domain `weather` reports; return None where it is not used."""
        return None

    def add(self, source: str, time_ns: int, weather: Weather) -> WeatherObservation:
        """Add an observation; they may come in any order."""
        at = bisect_right(self._times, time_ns)
        if at and self._times[at - 1] == time_ns:
            self._weathers[at - 1] = weather
        else:
            self._times.insert(at, time_ns)
            self._weathers.insert(at, weather)
            del self._times[:-_OBSERVATIONS_KEPT], self._weathers[:-_OBSERVATIONS_KEPT]
        return WeatherObservation(self._home, source, time_ns, weather, self._max_age_ns)

    def clear(self) -> None:
        """Remove all observations."""
        self._times.clear()
        self._weathers.clear()


class WeatherFromEntity(HomeWeather):
    """The weather from a weather entity of the home: the configured one, else the only one.

    Where several have reported the current weather within the maximum age, none is used, since they may be of different
    places. An entity that is removed or stops reporting is no longer a candidate.
    """

    def __init__(self, home: str, *, max_age_ns: int, entity_id: str | None) -> None:
        super().__init__(home, max_age_ns=max_age_ns)
        self._wanted = entity_id
        self._chosen = entity_id
        self._candidates: dict[str, int] = {}

    def observe(self, event: ValidEvent) -> WeatherObservation | None:
        """Add the weather that an event of the domain `weather` reports; return None where it is not used."""
        if event.removed:
            self._candidates.pop(event.entity_id or "", None)
        weather = read_weather(event.state, event.attributes.text)
        time_ns = event.time_ns // NS_PER_US * NS_PER_US  # the digits below distinguish events
        if weather is None or event.entity_id is None or not self._is_chosen(event.entity_id, time_ns):
            return None
        return self.add(event.entity_id, time_ns, weather)

    def _is_chosen(self, entity_id: str, time_ns: int) -> bool:
        if self._wanted is not None:
            return entity_id == self._wanted
        self._candidates[entity_id] = max(time_ns, self._candidates.get(entity_id, time_ns))
        oldest_ns = max(self._candidates.values()) - self._max_age_ns
        self._candidates = {
            each: observed_ns for each, observed_ns in self._candidates.items() if observed_ns >= oldest_ns
        }
        if len(self._candidates) > 1:
            self._refuse(sorted(self._candidates))
            return False
        if entity_id not in self._candidates:  # its report is too old
            return False
        if self._chosen != entity_id:
            self._chosen, self.problem = entity_id, None
            self.clear()
        return True

    def _refuse(self, candidates: list[str]) -> None:
        if self.problem is None:
            _log.warning("weather_entity_ambiguous", home=self._home, entities=candidates, check="WEATHER_ENTITY")
        self._chosen = None
        self.problem = (
            f"{self._home} has several weather entities. Set WEATHER_ENTITY to one of {', '.join(candidates)}."
        )
        self.clear()


NO_WEATHER = HomeWeather("", max_age_ns=0)
"""Without any weather."""
