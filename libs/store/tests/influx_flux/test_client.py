"""Tables of influxdb-client read into rows of ours, and the requests that are no questions."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web
from ha_ingestor_core.errors import StoreRefusedError, StoreUnavailableError
from ha_ingestor_core.events import OriginKind
from ha_ingestor_store.answers import HistoryPoint
from ha_ingestor_store.influx.reading.language import (
    Counted,
    Entity,
    EventFilter,
    FieldRow,
    Head,
    Part,
    WindowSums,
)
from ha_ingestor_store.influx.server.http import Server
from ha_ingestor_store.influx.settings import InfluxSettings
from ha_ingestor_store.influx_flux.client import FluxDialect, FluxLanguage
from ha_ingestor_store.points import EventPoint
from ha_ingestor_store.silent_entities import LastChange
from ha_ingestor_store.time_range import HOUR_NS

from libs.store.tests.influx.conftest import ScriptedInfluxDb

RAW = Part("home_assistant_events", False, 0, HOUR_NS)
SETTINGS = InfluxSettings(url="http://influx", bucket="mine", timeout_s=0.2)
HOUR = datetime(1970, 1, 1, 1, tzinfo=UTC)
Values = dict[str, Any]


class FakeQueryApi:
    """Answers one question after another with records of its own, or raises what it is told to."""

    def __init__(self, *answers: Iterable[Values] | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []
        self.is_silent = False

    async def query(self, query: str) -> Iterable[Any]:
        self.asked.append(query)
        if self.is_silent:
            await asyncio.sleep(60)
        answer = self.answers.pop(0) if self.answers else []
        if isinstance(answer, Exception):
            raise answer
        return [SimpleNamespace(records=[SimpleNamespace(values=row) for row in answer])]


def language(*answers: Iterable[Values] | Exception) -> tuple[FluxLanguage, FakeQueryApi]:
    api = FakeQueryApi(*answers)
    return FluxLanguage(api, SETTINGS), api


async def test_counts_come_by_their_tags_decoded() -> None:
    rows = [{"event_type": "a%25b", "_value": 2.0}, {"event_type": "x", "domain": "y", "_value": 3.0}]
    under_test, _ = language(rows)
    counted = await under_test.counts([RAW], ("event_type", "domain"))
    assert list(counted) == [Counted(("a%b", None), 2), Counted(("x", "y"), 3)]


async def test_nothing_is_asked_about_no_parts() -> None:
    under_test, api = language()
    assert list(await under_test.counts([], ())) == []
    assert list(await under_test.window_counts([], HOUR_NS)) == []
    assert api.asked == []


async def test_windows_and_their_sums() -> None:
    rows = [{"_time": HOUR, "_field": name, "_value": value, "home": "h"} for name, value in (("a", 1), ("b", 2.5))]
    under_test, _ = language([{"_time": HOUR, "_value": 4.0}], rows)
    assert list(await under_test.window_counts([RAW], HOUR_NS)) == [(HOUR_NS, 4)]
    sums = await under_test.window_sums(RAW, HOUR_NS, ("home",), ("a", "b"))
    assert list(sums) == [WindowSums(HOUR_NS, ("h",), {"a": 1.0, "b": 2.5})]


def field(time_ns: int, name: str, value: Any, **more: Any) -> Values:
    tags = {"home": "h", "event_type": "state_changed", "domain": "light", "entity_id": "light.a"}
    return {**tags, "_time": time_ns, "_field": name, "_value": json.dumps(value), **more}


async def test_newest_events_are_counted_and_then_read_whole() -> None:
    fields = {"state": "a\r\nb", "origin_kind": "snapshot", "value": 1.5, "empty": "unit"}
    rows = [field(7, name, value) for name, value in fields.items()]
    under_test, api = language([{"result": "_result", "_value": 1}], [{"_time": 7}], rows)
    (event,) = await under_test.newest_events(EventFilter(), 0, 10, 1)
    assert event == EventPoint(
        "h",
        "state_changed",
        7,
        "light",
        "light.a",
        state="a\r\nb",
        value=1.5,
        unit="",
        origin_kind=OriginKind.SNAPSHOT,
    )
    assert len(api.asked) == 3


async def test_no_events_are_not_read() -> None:
    under_test, api = language([])
    assert await under_test.newest_events(EventFilter(), 0, 10, 1) == []
    assert len(api.asked) == 1


async def test_events_of_one_nanosecond_are_counted_over_all_tables() -> None:
    under_test, _ = language([{"result": "_result", "_value": 1}, {"result": "_result", "_value": 2}])
    assert await under_test.events_at(EventFilter(), 5) == 3


async def test_states_are_the_rows_with_the_field_that_all_have() -> None:
    rows = [
        field(2, "removed", False),
        field(1, "removed", True),
        field(2, "state", "on"),
        field(2, "unit", "W"),
        field(3, "state", "without the rest"),
    ]
    under_test, _ = language(rows, rows, rows)
    points = [HistoryPoint(1, None, None), HistoryPoint(2, "on", None, "W")]
    assert await under_test.states(Entity("light.a"), 0, 10, 5) == points
    assert await under_test.states(Entity("light.a"), 0, 10, 1) == points[:1]
    assert await under_test.last_state(Entity("light.a"), 0, 10) == points[1]


async def test_the_newest_unit_of_several_series() -> None:
    under_test, _ = language([field(8, "unit", "kW"), field(9, "unit", "W")], [])
    assert await under_test.last_unit(Entity("light.a"), 0, 10) == "W"
    assert await under_test.last_unit(Entity("light.a"), 0, 10) is None


async def test_an_empty_range_asks_nothing() -> None:
    under_test, api = language()
    assert await under_test.states(Entity("light.a"), 5, 5, 1) == []
    assert await under_test.last_state(Entity("light.a"), 5, 5) is None
    assert await under_test.last_unit(Entity("light.a"), 5, 5) is None
    assert api.asked == []


async def test_heads_of_series_and_entities() -> None:
    tags = {"home": "h", "event_type": "e", "entity_id": "a%25"}
    rows: list[Values] = [
        {**tags, "_time": 7, "_value": True},
        {**tags, "entity_id": None, "_time": 8, "_value": False},
    ]
    under_test, _ = language([{**tags, "_time": 7, "_value": "live"}], rows)
    assert list(await under_test.heads(0, 10)) == [Head(("h", "e", None, "a%"), 7, OriginKind.LIVE)]
    assert list(await under_test.entity_heads(0, 10)) == [LastChange("h", "a%", 7, True)]


async def test_services_are_summed_over_all_parts() -> None:
    sums = [{"result": f"parts{at}", "service": "s%25", "_field": "x", "_value": at + 1} for at in range(2)]
    under_test, _ = language(sums)
    assert await under_test.service_sums([RAW, RAW], ("x",), None) == {"s%": {"x": 3}}
    assert await under_test.service_sums([], ("x",), None) == {}


async def test_services_are_told_by_their_newest_fields() -> None:
    under_test, _ = language([{"service": "s", "instance": "i", "_field": "lag_s", "_time": 9, "_value": 2}])
    assert await under_test.newest_reports(0, 10, None) == [FieldRow("s", "i", "lag_s", 9, 2.0)]


async def test_the_texts_of_the_progress_come_by_their_owner() -> None:
    under_test, _ = language([{"owner": "a%25", "_value": "{}"}])
    assert await under_test.progress() == {"a%": "{}"}


async def test_the_oldest_point_of_all_series() -> None:
    under_test, _ = language([{"_time": 9}, {"_time": 5}], [])
    assert await under_test.first_ns("m", 0, 9) == 5
    assert await under_test.first_ns("m", 0, 9) is None


async def test_a_question_that_takes_too_long_is_given_up() -> None:
    under_test, api = language()
    api.is_silent = True
    with pytest.raises(StoreUnavailableError, match="did not answer: no answer within the timeout"):
        await under_test.ping()


async def test_what_goes_wrong_is_an_error_of_ours() -> None:
    under_test, _ = language(OSError("no route"))
    with pytest.raises(StoreUnavailableError, match="no route"):
        await under_test.ping()


@pytest.fixture
async def influxdb() -> AsyncIterator[ScriptedInfluxDb]:
    scripted = ScriptedInfluxDb()
    await scripted.start()
    yield scripted
    await scripted.stop()


@pytest.fixture
async def dialect(influxdb: ScriptedInfluxDb) -> AsyncIterator[FluxDialect]:
    settings = InfluxSettings(url=influxdb.url, bucket="mine", org="home", token="reads", write_token="writes")
    server = Server(settings)
    under_test = FluxDialect(server, settings)
    yield under_test
    await under_test.close()
    await server.close()


async def test_lines_go_to_a_bucket_and_rollups_to_another(dialect: FluxDialect) -> None:
    target = dialect.write_target(rollups=False)
    assert target.path == "/api/v2/write"
    assert target.params == {"org": "home", "bucket": "mine", "precision": "ns"}
    assert target.headers == {"Authorization": "Token writes"}
    assert dialect.write_target(rollups=True).params["bucket"] == "mine_rollups"


async def test_buckets_that_are_missing_are_created_with_their_retention(
    influxdb: ScriptedInfluxDb, dialect: FluxDialect
) -> None:
    def answer(request: web.Request, _: bytes) -> web.StreamResponse:
        if request.path == "/api/v2/orgs":
            return web.json_response({"orgs": [{"id": "0rg", "name": "home"}]})
        if request.method == "GET":
            return web.json_response({"code": "not found"}, status=404)
        return web.json_response({}, status=201)

    influxdb.answer = answer
    await dialect.administrator.prepare()
    created = [json.loads(body) for request, body in influxdb.requests if request.method == "POST"]
    assert created == [
        {"orgID": "0rg", "name": "mine", "retentionRules": [{"type": "expire", "everySeconds": 7_776_000}]},
        {"orgID": "0rg", "name": "mine_rollups", "retentionRules": []},
    ]


async def test_buckets_that_are_there_are_left_as_they_are(influxdb: ScriptedInfluxDb, dialect: FluxDialect) -> None:
    influxdb.answer = lambda *_: web.json_response({"buckets": [{"id": "1", "name": "mine"}]})
    await dialect.administrator.prepare()
    assert [request.method for request, _ in influxdb.requests] == ["GET", "GET"]
    assert {request.headers["Authorization"] for request, _ in influxdb.requests} == {"Token reads"}


async def test_an_organisation_that_is_not_there_is_told(influxdb: ScriptedInfluxDb, dialect: FluxDialect) -> None:
    influxdb.answer = lambda *_: web.json_response({"orgs": [], "buckets": []})
    with pytest.raises(StoreRefusedError, match="it sees no organisation home"):
        await dialect.administrator.prepare()


async def test_one_event_is_deleted_by_its_nanosecond_and_all_its_tags(
    influxdb: ScriptedInfluxDb, dialect: FluxDialect
) -> None:
    await dialect.delete_event(("home", "state_changed", "light", 'light."\\\n'), 1_795_000_000_123_456_789)
    ((request, body),) = influxdb.requests
    assert (request.path, dict(request.query)) == ("/api/v2/delete", {"org": "home", "bucket": "mine"})
    assert json.loads(body) == {
        "start": "2026-11-18T11:06:40.123456789Z",
        "stop": "2026-11-18T11:06:40.123456789Z",
        "predicate": '_measurement="home_assistant_events" AND home="home" AND event_type="state_changed"'
        ' AND domain="light" AND entity_id="light.\\"%5C%0A"',
    }


async def test_a_delete_that_is_refused_is_told(influxdb: ScriptedInfluxDb, dialect: FluxDialect) -> None:
    influxdb.answer = lambda *_: web.json_response({"message": "no"}, status=403)
    with pytest.raises(StoreRefusedError, match="deleting from bucket mine: 403 no"):
        await dialect.delete_event(("home", "e", "d", "d.a"), 5)


@pytest.mark.parametrize("text", ["{}", "x" * 1_000_000])
async def test_a_question_over_http_is_a_table_in_csv(
    influxdb: ScriptedInfluxDb, dialect: FluxDialect, text: str
) -> None:
    influxdb.answer = lambda *_: web.Response(
        text="#datatype,string,long,string,string\r\n#group,false,false,true,false\r\n#default,_result,,,\r\n"
        f",result,table,owner,_value\r\n,,0,rollups,{text}\r\n\r\n",
        content_type="text/csv",
    )
    assert await dialect.progress() == {"rollups": text}
    assert influxdb.requests[0][0].headers["Authorization"] == "Token reads"


async def test_a_page_of_a_proxy_is_no_table(influxdb: ScriptedInfluxDb, dialect: FluxDialect) -> None:
    influxdb.answer = lambda *_: web.Response(text="<html>please log in</html>", content_type="text/html")
    with pytest.raises(StoreUnavailableError):
        await dialect.progress()
