"""Lines on real servers: what a text or a tag holds comes back as it was, and nothing in it forges a second point."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from ha_ingestor_core.clock import FakeClock
from ha_ingestor_store.influx.schema import EVENT_TAGS, OWN_TEXTS
from ha_ingestor_store.influx.settings import InfluxSettings
from ha_ingestor_store.influx.store import InfluxStore
from ha_ingestor_store.influx.writing.line_protocol import MAX_TEXT_BYTES
from ha_ingestor_store.points import FACTS, EventPoint
from ha_ingestor_store.questions import RecentEvents
from ha_ingestor_store.time_range import DAY_NS, TimeRange

from tests.influxdb import InfluxDb1, a_database, dropped_afterwards, named_server, require_influxdb

pytestmark = pytest.mark.influxdb

NOW = 20_780 * DAY_NS
EVER = TimeRange(NOW - DAY_NS, NOW + DAY_NS)
FORGED = "x count=1.0 5\nhome_assistant_events,event_type=forged,home=evil count=1.0 6\nhome_assistant_events,home=y"
HOSTILE = [
    "comma, space =", "a,b=c d", 'quo"te', "back\\slash", "trailing\\", "\\\\", '\\"', "line\nfeed", "cr\r", "\r\n",
    "nul\x00", "😀 客厅", "é", "%0A", "%%25", "#comment", "", "${x}", '$"x', "$\\", "$${x}", "a ", " a",
    "1i", "true", "x" * 5_000, FORGED, *map(chr, range(128)), *(f"a{chr(code)}" for code in range(128)),
    *(f"{chr(code)}b" for code in range(128)),
]  # fmt: skip

SERVERS = ["influxdb-1", *(["influxdb-named"] if os.environ.get("TEST_INFLUXDB_URL") else [])]


@pytest.fixture(scope="session")
def influxdb_1(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InfluxDb1]:
    """Debian's InfluxDB, running."""
    require_influxdb()
    server = InfluxDb1(tmp_path_factory.mktemp("influxdb"))
    server.start()
    yield server
    server.kill()


@pytest.fixture(params=SERVERS)
def settings(request: pytest.FixtureRequest) -> InfluxSettings:
    named = named_server() if request.param == "influxdb-named" else None
    return named or a_database(request.getfixturevalue("influxdb_1").url)


@pytest.fixture
async def store(settings: InfluxSettings) -> AsyncIterator[InfluxStore]:
    async with dropped_afterwards(settings):
        under_test = InfluxStore(settings, writes_events=True, clock=FakeClock(NOW), rolls_up=False)
        yield under_test
        await under_test.close()


async def stored(store: InfluxStore) -> list[EventPoint]:
    """All events of the store, oldest first."""
    events: list[EventPoint] = []
    cursor = None
    while True:
        page = await store.reader.recent_events(RecentEvents(EVER, limit=10_000, cursor=cursor))
        events += page.events
        if page.next_cursor is None:
            return events[::-1]
        cursor = page.next_cursor


@pytest.mark.parametrize("tag", EVENT_TAGS)
async def test_every_tag_comes_back_as_it_was(store: InfluxStore, tag: str) -> None:
    usual: dict[str, Any] = {"home": "home", "event_type": "state_changed", "domain": "light", "entity_id": "light.a"}
    values = [value for value in HOSTILE if value]  # an empty tag is an absent one
    events = [
        EventPoint(**{**usual, tag: value, "time_ns": NOW + at, "state": "on"}) for at, value in enumerate(values)
    ]
    assert (await store.writer.write_events(events)).written == len(events)
    assert await stored(store) == events


@pytest.mark.parametrize("field", sorted({*FACTS, *OWN_TEXTS}))
async def test_every_text_comes_back_as_it_was(store: InfluxStore, field: str) -> None:
    events = [
        EventPoint("home", "state_changed", NOW + at, "light", "light.a", **{field: value})  # type: ignore[arg-type]
        for at, value in enumerate([None, *HOSTILE])
    ]
    assert (await store.writer.write_events(events)).written == len(events)
    assert await stored(store) == events


async def test_nothing_in_a_tag_or_a_text_forges_a_second_point(store: InfluxStore) -> None:
    events = [
        EventPoint(FORGED, "a", NOW), EventPoint("home", FORGED, NOW), EventPoint("home", "b", NOW, domain=FORGED),
        EventPoint("home", "c", NOW, entity_id=FORGED), EventPoint("home", "d", NOW, state=f'"{FORGED}'),
        EventPoint("home", "e", NOW, state=f"\\\"{FORGED}\\"),
    ]  # fmt: skip
    await store.writer.write_events(events)
    statistics = await store.reader.event_statistics(EVER)
    assert statistics.total == len(events)
    assert statistics.by_event_type == {"a": 1, FORGED: 1, "b": 1, "c": 1, "d": 1, "e": 1}
    assert (await store.reader.event_count(TimeRange(0, 100))).total == 0


async def test_an_event_with_a_long_text_hides_no_others(store: InfluxStore) -> None:
    events = [
        EventPoint("home", "state_changed", NOW, "light", "light.a", attributes='"' * MAX_TEXT_BYTES),
        EventPoint("home", "state_changed", NOW + 1, "light", "light.a", state="on"),
    ]
    assert (await store.writer.write_events(events)).written == 2
    assert await stored(store) == events


async def test_a_text_that_is_too_long_for_the_server_is_refused_alone(store: InfluxStore) -> None:
    long = EventPoint("home", "state_changed", NOW, "light", "light.a", attributes="x" * 2_000_000)
    result = await store.writer.write_events([long, EventPoint("home", "state_changed", NOW + 1, "light", "light.a")])
    assert [point.index for point in result.rejected] in ([0], [])  # 1.x takes it
    assert {point.key for point in result.rejected} <= {"too_large"}
    assert len(await stored(store)) == result.written == 2 - len(result.rejected)
