"""Asking a weather service again and again, in the background."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import pytest
from enrichment_pipeline.weather.errors import WeatherRefusedError, WeatherUnavailableError
from enrichment_pipeline.weather.home_weather import HomeWeather
from enrichment_pipeline.weather.open_meteo import OpenMeteo
from enrichment_pipeline.weather.polling import WeatherPolling, next_wait
from ha_ingestor_core.errors import IngestorError, StoreUnavailableError
from ha_ingestor_core.events import Location
from ha_ingestor_store.points import WeatherObservation

BUSY = WeatherUnavailableError("busy")
PLACE = Location(52.374567, 4.898765)
AT = 1795421700_000_000_000


class Sink:
    def __init__(self) -> None:
        self.kept: list[WeatherObservation] = []
        self.failures: list[IngestorError] = []

    async def write_weather(self, observations: Sequence[WeatherObservation]) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.kept += observations


class Polled:
    """A polling over a scripted service, which turns every few milliseconds."""

    def __init__(self, url: str) -> None:
        self.weather = HomeWeather("home", max_age_ns=3_600_000_000_000)
        self.sink = Sink()
        self.calls: list[str] = []
        self.polling = WeatherPolling(
            home="home",
            weather=self.weather,
            service=OpenMeteo(url),
            key=None,
            interval_s=0.005,
            sink=self.sink,
            count_call=self.calls.append,
            jitter=lambda: 0.0,
        )


@pytest.fixture
async def polled(service: Any) -> AsyncIterator[Polled]:
    polled = Polled(service.url)
    await polled.polling.start()
    yield polled
    await polled.polling.stop()


async def eventually(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


@pytest.mark.parametrize(
    ("failures", "error", "expected"),
    [
        (1, BUSY, 15.0),
        (2, BUSY, 30.0),
        (99, BUSY, 1800.0),
        (1, WeatherUnavailableError("busy", retry_after_s=7200), 7200.0),
        (1, WeatherRefusedError("no"), 3600.0),
    ],
)
def test_the_wait_grows_and_honours_what_the_service_says(failures: int, error: IngestorError, expected: float) -> None:
    assert next_wait(failures, error, 0.0) == expected


async def test_no_request_is_sent_before_the_location_is_known(polled: Polled, service: Any) -> None:
    await asyncio.sleep(0.02)
    assert service.asked == []
    assert polled.polling.last_error == "The location of home is not known yet"
    polled.polling.locate(PLACE)
    await eventually(lambda: polled.weather.at(AT))
    assert polled.polling.last_error is None


async def test_the_location_is_rounded_to_about_a_kilometre(polled: Polled, service: Any) -> None:
    polled.polling.locate(PLACE)
    await eventually(lambda: service.asked)
    assert (service.asked[0].query["latitude"], service.asked[0].query["longitude"]) == ("52.37", "4.9")


async def test_an_observation_is_known_and_stored(polled: Polled, service: Any) -> None:
    polled.polling.locate(PLACE)
    await eventually(lambda: len(service.asked) > 2)
    assert (polled.sink.kept[0].home, polled.sink.kept[0].source, polled.sink.kept[0].time_ns) == (
        "home",
        "open-meteo",
        AT,
    )
    assert set(polled.calls) == {"success"}


async def test_an_outage_is_said_and_ends(polled: Polled, service: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("enrichment_pipeline.weather.polling.next_wait", lambda *_: 0.005)
    service.answers = [(503, b"", {}), (503, b"", {}), service.answers[0]]
    polled.polling.locate(PLACE)
    await eventually(lambda: polled.polling.last_error)
    assert polled.polling.last_error == "open-meteo answered 503: no reason"
    await eventually(lambda: polled.weather.at(AT))
    await eventually(lambda: polled.polling.last_error is None)
    assert polled.calls[:3] == ["error", "error", "success"]


async def test_an_observation_that_could_not_be_kept_is_kept_later(polled: Polled, service: Any) -> None:
    polled.sink.failures = [StoreUnavailableError("away")] * 2
    polled.polling.locate(PLACE)
    await eventually(lambda: polled.sink.kept)
    assert len(polled.sink.kept) == 3


async def test_an_unexpected_error_does_not_end_the_polling(
    polled: Polled, service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[Any] = [ZeroDivisionError("a mistake")]
    read = OpenMeteo.read

    def trips(self: OpenMeteo, body: bytes) -> Any:
        if reads:
            raise reads.pop()
        return read(self, body)

    monkeypatch.setattr(OpenMeteo, "read", trips)
    monkeypatch.setattr("enrichment_pipeline.weather.polling.next_wait", lambda *_: 0.005)
    polled.polling.locate(PLACE)
    await eventually(lambda: polled.weather.at(AT))
    assert polled.calls[:2] == ["error", "success"]
