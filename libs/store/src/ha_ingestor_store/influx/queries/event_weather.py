"""The weather of events: the last observation of their home before them, as long as it holds."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence

from ha_ingestor_store.influx.influxql.client import Ask
from ha_ingestor_store.influx.influxql.record_queries import RecordQueries
from ha_ingestor_store.influx.queries.records import weather_observation
from ha_ingestor_store.points import Weather, WeatherObservation
from ha_ingestor_store.time_range import HOUR_NS

_NEAR_NS = HOUR_NS
"""Events that are no further apart share a question: so long, there are few observations."""
_RANGES_A_QUESTION = 50


class EventWeather:
    """Looks the weather up for events of any times."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._queries = RecordQueries("")

    async def at(self, moments: Sequence[tuple[str, int]]) -> list[Weather | None]:
        """Return the weather of each (home, time)."""
        observed: set[WeatherObservation] = set()
        ranges = near_ranges(time_ns for _, time_ns in moments)
        for first in range(0, len(ranges), _RANGES_A_QUESTION):
            asked = self._queries.weather_of_events(ranges[first : first + _RANGES_A_QUESTION])
            for row in await self._ask(asked):
                each = weather_observation({**row.tags, **row.values}, row.time_ns)
                if each is not None:
                    observed.add(each)
        return weather_at(observed, moments)


def near_ranges(times_ns: Iterable[int]) -> list[tuple[int, int]]:
    """Return the ranges that hold all times, those of near ones together."""
    ranges: list[tuple[int, int]] = []
    for time_ns in sorted(times_ns):
        if ranges and time_ns - ranges[-1][1] < _NEAR_NS:
            ranges[-1] = (ranges[-1][0], time_ns + 1)
        else:
            ranges.append((time_ns, time_ns + 1))
    return ranges


def weather_at(observed: Iterable[WeatherObservation], moments: Iterable[tuple[str, int]]) -> list[Weather | None]:
    """Return the weather of each (home, time); of two observations of one nanosecond the later source counts."""
    by_home: dict[str, list[WeatherObservation]] = defaultdict(list)
    for each in sorted(observed, key=lambda each: (each.time_ns, each.source)):
        by_home[each.home].append(each)
    found: list[Weather | None] = []
    for home, time_ns in moments:
        known = by_home.get(home, [])
        at = bisect_right(known, time_ns, key=lambda each: each.time_ns)
        last = known[at - 1] if at else None
        found.append(last.weather if last is not None and time_ns - last.time_ns <= last.holds_ns else None)
    return found
