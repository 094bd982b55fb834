"""Measures the events per second that the enrichment-pipeline converts to points on one core, without a store.

    .venv/bin/python benchmarks/enrich.py [--events 200000]

Input are the state changes of the recorded session, repeated: with attributes that repeat, as in a home, and with
attributes that never repeat; without filters, and with 45 filters that keep all events, whose two checks are also
measured separately; and with known weather. `deliver` is the complete path, acknowledged by a store without any
operation.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from enrichment_pipeline.main import build_enrichment_pipeline
from enrichment_pipeline.points.point_builder import PointBuilder
from enrichment_pipeline.points.prepared_batch import prepare
from enrichment_pipeline.settings import FilterSettings, PipelineSettings, Settings, WeatherSettings
from enrichment_pipeline.validation.attributes import AttributesCache
from enrichment_pipeline.weather.home_weather import NO_WEATHER, HomeWeather
from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_core.events import EventBatch, RawEvent
from ha_ingestor_core.filters.event_filter import KEEP_ALL, EventFilter
from ha_ingestor_core.filters.rules import FilterLists, Filters
from ha_ingestor_core.reporting.totals import Totals
from ha_ingestor_core.service_metrics import ServiceMetricsPoint
from ha_ingestor_core.settings.service import LogSettings, ServiceSettings
from ha_ingestor_store.answers import RejectedPoint, WriteResult
from ha_ingestor_store.points import EventPoint, Weather, WeatherObservation
from ha_ingestor_store.settings import StoreSettings
from ha_ingestor_store.store import Tally
from msgspec import Raw

SESSION = Path(__file__).parents[1] / "tests" / "data" / "home-assistant-2024.3-session.jsonl"
BATCH = 5_000


class NoStore:
    """A store that accepts and discards everything."""

    async def write_events(self, points: Sequence[EventPoint], tally: Tally | None = None) -> WriteResult:
        return WriteResult(written=len(points))

    async def write_weather(self, observations: Sequence[WeatherObservation]) -> list[RejectedPoint]:
        return []

    async def kept_from_ns(self) -> int | None:
        return None

    async def totals(self, service: str) -> Totals:
        return Totals()

    async def write_service_metrics(self, points: Sequence[ServiceMetricsPoint]) -> None:
        pass


def recorded_changes() -> list[str]:
    """Return the recorded state changes as sent by Home Assistant, with a placeholder in the attributes."""
    found = []
    for line in SESSION.read_text(encoding="utf-8").splitlines():
        event = json.loads(line)["msg"].get("event", {})
        if event.get("event_type") == "state_changed" and event["data"]["new_state"]:
            event["data"]["new_state"]["attributes"]["mark"] = "@MARK@"
            found.append(json.dumps(event, ensure_ascii=False, separators=(",", ":")))
    return found


def batches(events: int, *, repeating: bool) -> list[EventBatch]:
    """Return events in batches of 5,000, each event with separate bytes."""
    texts, now = recorded_changes(), time.time_ns()
    marked = (texts[n % len(texts)].replace("@MARK@", "x" if repeating else str(n)) for n in range(events))
    raws = [RawEvent(event=Raw(text.encode()), received_ns=now) for text in marked]
    return [EventBatch(home="bench", events=raws[at : at + BATCH]) for at in range(0, events, BATCH)]


MANY_FILTERS = EventFilter(
    Filters(
        include=FilterLists(entities=["a.a", *(f"*_{n}" for n in range(20)), "*"], event_types=["state_*"]),
        exclude=FilterLists(entities=[f"sensor.*_debug_{n}" for n in range(20)], domains=["x*"], event_types=["zha_*"]),
    )
)


async def measure_prepare(
    work: list[EventBatch], filters: EventFilter = KEEP_ALL, weather: HomeWeather = NO_WEATHER
) -> float:
    """Return the seconds to decode, filter, normalise and enrich."""
    cache, begin = AttributesCache(), time.perf_counter()
    for batch in work:
        await prepare(batch, PointBuilder(batch.home, attributes=cache, filters=filters, weather=weather))
    return time.perf_counter() - begin


async def measure_checks(work: list[EventBatch]) -> float:
    """Return the seconds of the filters alone, for 2,000 entities in turn."""
    entities = [f"sensor.sensor_{n % 2_000}" for n in range(sum(len(batch.events) for batch in work))]
    begin = time.perf_counter()
    for entity_id in entities:
        MANY_FILTERS.check_event_type("state_changed")
        MANY_FILTERS.check_entity(entity_id)
    return time.perf_counter() - begin


async def measure_weather(work: list[EventBatch]) -> float:
    """Return the seconds for the same with known weather."""
    weather = HomeWeather("bench", max_age_ns=1 << 62)
    for hour in range(100):
        weather.add("weather.home", hour * 3_600 * NS_PER_S, Weather("sunny", 7.5))
    return await measure_prepare(work, weather=weather)


async def measure_deliver(work: list[EventBatch]) -> float:
    """Return the seconds of the complete path, with two batches in flight."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            pipeline=PipelineSettings(),  # type: ignore[call-arg]
            weather=WeatherSettings(),  # type: ignore[call-arg]
            filters=FilterSettings(),  # type: ignore[call-arg]
            store=StoreSettings(data_dir=Path(folder)),  # type: ignore[call-arg]
            service=ServiceSettings(),  # type: ignore[call-arg]
            log=LogSettings(),  # type: ignore[call-arg]
        )
        pipeline = build_enrichment_pipeline(settings, store=NoStore())
        await pipeline.start()
        begin = time.perf_counter()
        for at in range(0, len(work), 2):
            await asyncio.gather(*map(pipeline.deliver, work[at : at + 2]))
        seconds = time.perf_counter() - begin
        await pipeline.stop()
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=200_000)
    events = parser.parse_args().events
    for repeating in (True, False):
        work = batches(events, repeating=repeating)
        size = sum(len(bytes(raw.event)) for raw in work[0].events) / len(work[0].events)
        for name, run in (
            ("prepare", measure_prepare),
            ("prepare with filters", partial(measure_prepare, filters=MANY_FILTERS)),
            ("the filters alone", measure_checks),
            ("prepare with weather", measure_weather),
            ("deliver", measure_deliver),
        ):
            seconds = asyncio.run(run(work))
            print(
                f"{name}, attributes {'repeating' if repeating else 'all different'}, {size:,.0f} B an event: "
                f"{events / seconds:,.0f} events/s, {seconds / events * 1e6:.2f} us an event"
            )


if __name__ == "__main__":
    main()
