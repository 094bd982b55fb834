"""Events with their weather, through the whole pipeline."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from enrichment_pipeline.main import EnrichmentPipeline
from enrichment_pipeline.points.point_builder import PointBuilder
from enrichment_pipeline.points.prepared_batch import prepare
from enrichment_pipeline.settings import Settings
from enrichment_pipeline.weather.home_weather import WeatherFromEntity
from ha_ingestor_core.clock import FakeClock
from ha_ingestor_core.errors import InvalidSettingsError, StoreUnavailableError
from ha_ingestor_core.events import EventBatch, Location, RawEvent, Registries
from ha_ingestor_core.settings.loading import load_settings
from ha_ingestor_store.points import Weather, WeatherObservation
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw
from prometheus_client import CollectorRegistry

Batch = Callable[..., EventBatch]
Change = Callable[..., dict[str, Any]]
NOW = "2026-11-23T08:07:54.088501+00:00"
METRIC = {"temperature": 7.5, "temperature_unit": "°C", "humidity": 80}
SUNNY = Weather("sunny", 7.5, 80.0)


@pytest.fixture
def pipelines(
    store: Any, clock: FakeClock, settings: Callable[..., Settings]
) -> Callable[..., Awaitable[EnrichmentPipeline]]:
    async def make(**weather: Any) -> EnrichmentPipeline:
        made = EnrichmentPipeline(settings(weather), store=store, clock=clock, registry=CollectorRegistry())
        await made.start()
        return made

    return make


Pipelines = Callable[..., Awaitable[EnrichmentPipeline]]


def weathers(store: Any) -> dict[str, Weather | None]:
    return {point.entity_id or point.event_type: point.weather for point in store.points.values()}


async def test_events_take_the_weather_of_their_home(
    pipelines: Pipelines, store: Any, batch: Batch, change: Change
) -> None:
    pipeline = await pipelines()
    before = change("light.before", new={"last_updated": "2026-11-23T08:07:53+00:00"})
    weather = change("weather.home", "sunny", attributes=METRIC)
    removal = change("light.gone") | {"data": {"entity_id": "light.gone", "new_state": None}}
    other = {"event_type": "automation_triggered", "data": {}, "time_fired": NOW}
    await pipeline.deliver(batch(before, weather, change("light.after"), removal, other))
    await pipeline.deliver(batch(change("light.elsewhere"), home="cabin"))
    await pipeline.stop()
    found = weathers(store)
    assert found.pop("light.before") is found.pop("light.elsewhere") is None
    assert found == dict.fromkeys(["weather.home", "light.after", "light.gone", "automation_triggered"], SUNNY)


async def test_an_observation_is_stored_with_the_batch_that_reported_it(
    pipelines: Pipelines, store: Any, batch: Batch, change: Change
) -> None:
    pipeline = await pipelines()
    store.failures = [StoreUnavailableError("away")]
    reported = batch(change("weather.home", "sunny", attributes=METRIC))
    with pytest.raises(StoreUnavailableError):
        await pipeline.deliver(reported)
    receipt = await pipeline.deliver(reported)
    await pipeline.stop()
    (point,) = store.points.values()
    assert (receipt.written, receipt.duplicate) == (1, 0)
    assert store.weather == [WeatherObservation("home", "weather.home", point.time_ns // 1000 * 1000, SUNNY)]


async def test_it_can_be_off(pipelines: Pipelines, store: Any, batch: Batch, change: Change) -> None:
    pipeline = await pipelines(source="off")
    await pipeline.deliver(batch(change("weather.home", "sunny", attributes=METRIC), change("light.a")))
    await pipeline.stop()
    assert set(weathers(store).values()) == {None}
    assert (store.weather, (await pipeline.status())["weather_enrichment"]["enabled"]) == ([], False)


async def test_a_service_is_asked_where_home_assistant_says_that_it_is(
    pipelines: Pipelines, store: Any, batch: Batch, change: Change, service: Any
) -> None:
    pipeline = await pipelines(source="open-meteo", url=service.url)
    await pipeline.deliver_registries(Registries(home="home", version="v1", location=Location(52.37, 4.9)))
    async with asyncio.timeout(10):
        while not store.weather:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    at = datetime.fromtimestamp(1795421700 + 60, UTC).isoformat()
    await pipeline.deliver(batch(change("light.a", new={"last_updated": at}), change("weather.b", attributes=METRIC)))
    await pipeline.stop()
    assert service.asked[0].query["latitude"] == "52.37"
    assert [weather and weather.temperature_c for weather in weathers(store).values()] == [7.3, None]
    assert (await pipeline.status())["weather_enrichment"] == {
        "enabled": True,
        "source": "open-meteo",
        "cache_hits": 1,
        "api_calls": 1,
        "last_error": None,
    }


async def test_a_place_in_the_settings_goes_before(pipelines: Pipelines, batch: Batch, service: Any) -> None:
    pipeline = await pipelines(source="open-meteo", url=service.url, latitude=1.5, longitude=-2.5)
    await pipeline.deliver_registries(Registries(home="home", version="v1", location=Location(52.37, 4.9)))
    async with asyncio.timeout(10):
        while not service.asked:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    await pipeline.stop()
    assert (service.asked[0].query["latitude"], service.asked[0].query["longitude"]) == ("1.5", "-2.5")


async def test_a_service_that_hangs_delays_no_event(
    pipelines: Pipelines, store: Any, batch: Batch, change: Change
) -> None:
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await reader.read()
        writer.close()

    asked = asyncio.Event()
    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    pipeline = await pipelines(source="open-meteo", url=f"http://127.0.0.1:{port}", latitude=1, longitude=2)
    async with asyncio.timeout(5):
        await pipeline.deliver(batch(change("light.a")))
        await asked.wait()
        await pipeline.deliver(batch(change("light.b")))
        await pipeline.stop()
    server.close()
    assert weathers(store) == {"light.a": None, "light.b": None}


_values = st.none() | st.booleans() | st.floats() | st.text(max_size=3) | st.sampled_from(["°C", "hPa", "NW", "1e999"])
_names = [*METRIC, "pressure", "pressure_unit", "wind_speed", "wind_speed_unit", "wind_bearing"]


@given(st.text(), st.dictionaries(st.sampled_from(_names), _values) | _values)
def test_whatever_a_weather_entity_says_it_is_kept(state: str, attributes: Any) -> None:
    new = {"entity_id": "weather.a", "state": state, "attributes": attributes, "last_updated": NOW}
    event = {"event_type": "state_changed", "data": {"entity_id": "weather.a", "new_state": new}, "time_fired": NOW}
    batch = EventBatch(home="home", events=[RawEvent(event=Raw(json.dumps(event).encode()), received_ns=0)])
    weather = WeatherFromEntity("home", max_age_ns=1, entity_id=None)
    prepared = asyncio.run(prepare(batch, PointBuilder(batch.home, weather=weather)))
    assert "internal_error" not in {rejection.key for rejection in prepared.rejections}


def test_invalid_settings_are_reported_by_their_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.chdir(tmp_path)
    wrong = {
        "WEATHER_SOURCE": "openweathermap",  # so that WEATHER_API_KEY is missing
        "WEATHER_ENTITY": "sensor.weather",
        "WEATHER_URL": "ftp://x",
        "WEATHER_LATITUDE": "52",  # so that WEATHER_LONGITUDE is missing
        "WEATHER_POLL_MINUTES": "0",
        "WEATHER_MAX_AGE_MINUTES": "x",
    }
    for variable, value in wrong.items():
        monkeypatch.setenv(variable, value)
    with pytest.raises(InvalidSettingsError) as caught:
        load_settings(Settings)
    reported = {problem.variable for problem in caught.value.detail["problems"]}
    assert reported == wrong.keys() - {"WEATHER_SOURCE", "WEATHER_LATITUDE"} | {"WEATHER_API_KEY", "WEATHER_LONGITUDE"}
