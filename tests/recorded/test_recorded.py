"""The scenario over what a real InfluxDB 2 answered once, to the letter; and over Debian's InfluxDB 1 itself."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import pytest
from ha_ingestor_core.alerts import AlertSink
from ha_ingestor_core.alive import AliveSink
from ha_ingestor_core.gaps import GapSink
from ha_ingestor_store.influx_flux.queries import Queries
from ha_ingestor_store.store import EventWriter, StoreReader

from tests.influxdb import InfluxDb1, require_influxdb
from tests.recorded.exchanges import REQUEST_HEADERS, read_exchanges, recordings
from tests.recorded.replayer import replaying
from tests.recorded.scenario import be_refused, scenario_settings, tell

each_recording = pytest.mark.parametrize("path", recordings(), ids=lambda path: path.stem)


def public(kind: type) -> set[str]:
    """The methods of a class, or of a protocol and those it extends."""
    return {name for each in kind.__mro__ for name, value in vars(each).items() if callable(value) and name[0] != "_"}


def test_there_is_a_recording() -> None:
    assert recordings()


@each_recording
async def test_requests_and_answers_are_those_of_the_recording(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built = noted(monkeypatch)
    async with replaying(read_exchanges(path)) as url:
        calls = await tell(scenario_settings(url))
        await be_refused(scenario_settings(url))
    assert public(StoreReader) | public(EventWriter) | public(GapSink) | public(AlertSink) <= calls
    kinds = (StoreReader, EventWriter, GapSink, AliveSink)
    assert set().union(*map(public, kinds)) <= calls
    assert built == public(Queries)


@each_recording
def test_a_recording_holds_no_secret_and_no_address(path: Path) -> None:
    for exchange in read_exchanges(path):
        assert exchange.request.headers.keys() <= set(REQUEST_HEADERS)
    text = path.read_text(encoding="utf-8")
    assert not [word for word in ("Token ", "Bearer", "127.0.0.1", "localhost", "://") if word in text]


@pytest.mark.influxdb
async def test_influxdb_1_gives_the_same_answers(tmp_path: Path) -> None:
    require_influxdb()
    server = InfluxDb1(tmp_path)
    server.start()
    try:
        await tell(scenario_settings(server.url))
    finally:
        server.kill()


def noted(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names of the builders of Flux that are used from now on."""
    used: set[str] = set()

    def wrapped(name: str) -> Any:
        build = getattr(Queries, name)

        @functools.wraps(build)
        def noting(*args: Any, **options: Any) -> str:
            used.add(name)
            text: str = build(*args, **options)
            return text

        return noting

    for name in public(Queries):
        monkeypatch.setattr(Queries, name, wrapped(name))
    return used
