"""Answers of `/query` read into rows, over real HTTP."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs

import pytest
from aiohttp import web
from ha_ingestor_core.errors import StoreRefusedError, StoreUnavailableError
from ha_ingestor_core.events import OriginKind
from ha_ingestor_store.answers import HistoryPoint, KnownEntity
from ha_ingestor_store.influx.database import Database
from ha_ingestor_store.influx.influxql.selections import Entity, EventFilter, Part
from ha_ingestor_store.influx.influxql.statements import question
from ha_ingestor_store.influx.queries.rows import Counted, FieldRow, Head, WindowSums
from ha_ingestor_store.influx.server.http import Server
from ha_ingestor_store.influx.server.version import Place
from ha_ingestor_store.influx.server.version1 import Version1
from ha_ingestor_store.influx.settings import InfluxSettings
from ha_ingestor_store.points import EventPoint, Weather
from ha_ingestor_store.questions import EVERY_HOME
from ha_ingestor_store.silent_entities import LastChange
from ha_ingestor_store.time_range import HOUR_NS

from libs.store.tests.influx.conftest import ScriptedInfluxDb

RAW = Part("home_assistant_events", False, 0, HOUR_NS)
ROLLUP = Part("events_1h", True, 0, HOUR_NS)
Asked = dict[str, str]


class Answers:
    """Answers one question after another with results of its own, and remembers what was asked."""

    def __init__(self, influxdb: ScriptedInfluxDb) -> None:
        self.influxdb = influxdb
        self.results: list[Any] = []
        influxdb.answer = self._answer

    def will_be(self, *results: Any) -> None:
        self.results += results

    @property
    def asked(self) -> list[tuple[str, Asked]]:
        found = []
        for request, body in self.influxdb.requests:
            form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
            found.append((request.method, {**dict(request.query), **form}))
        return found

    def _answer(self, _: web.Request, __: bytes) -> web.StreamResponse:
        result = self.results.pop(0) if self.results else [{"statement_id": 0}]
        return result if isinstance(result, web.Response) else web.json_response({"results": result})


@pytest.fixture
async def answers() -> AsyncIterator[Answers]:
    influxdb = ScriptedInfluxDb()
    await influxdb.start()
    yield Answers(influxdb)
    await influxdb.stop()


@pytest.fixture
async def database(answers: Answers) -> AsyncIterator[Database]:
    settings = settings_of(answers)
    server = Server(settings)
    yield Database(Version1(server, settings))
    await server.close()


def settings_of(answers: Answers, **changes: Any) -> InfluxSettings:
    return InfluxSettings(url=answers.influxdb.url, bucket="mine", timeout_s=5, **changes)


def statement(*series: dict[str, Any], number: int = 0) -> dict[str, Any]:
    return {"statement_id": number, "series": list(series)}


def series(columns: list[str], *values: list[Any], **tags: str) -> dict[str, Any]:
    return {"name": "m", "columns": columns, "values": list(values), "tags": tags}


async def test_counts_come_by_their_tags_decoded(answers: Answers, database: Database) -> None:
    found = series(["time", "count"], [0, 2.0], event_type="a%25b", domain="")
    answers.will_be(
        [statement(found), statement(series(["time", "count"], [0, 3.0], event_type="x", domain="y"), number=1)]
    )
    counted = await database.counts([RAW, RAW], ("event_type", "domain"))
    assert list(counted) == [Counted(("a%b", None), 2), Counted(("x", "y"), 3)]


async def test_a_question_is_asked_of_the_database_with_its_parameters(answers: Answers, database: Database) -> None:
    await database.events_at(EventFilter(domain='quo"te'), 5)
    ((method, asked),) = answers.asked
    assert method == "GET"
    assert (asked["db"], asked["epoch"]) == ("mine", "ns")
    assert json.loads(asked["params"]) == {"p0": 'quo"te'}


async def test_a_long_question_goes_as_a_form(answers: Answers, database: Database) -> None:
    await database.keys([f"light.{n:0200}" for n in range(40)], 0, 1)
    ((method, asked),) = answers.asked
    assert method == "POST"
    assert len(json.loads(asked["params"])) == 40


async def test_windows_and_their_sums(answers: Answers, database: Database) -> None:
    answers.will_be([statement(series(["time", "count"], [0, 1], [60, 2.0]))])
    assert list(await database.window_counts([RAW], 60)) == [(0, 1), (60, 2)]
    answers.will_be([statement(series(["time", "a", "b"], [0, 1, None], home="h"))])
    assert list(await database.window_sums(RAW, 60, ("home",), ("a", "b"))) == [WindowSums(0, ("h",), {"a": 1.0})]


def event_series(*times: int) -> dict[str, Any]:
    columns = ["time", "count", "domain", "entity_id", "event_type", "home", "state", "facts", "absent"]
    rows = [[at, 1, "light", "light.a", "state_changed", "home", "", "0a", None] for at in times]
    return series(columns, *rows)


def entities_series(unit: str | None = "W", hashed: str = "0a", entity_id: str = "light.a") -> dict[str, Any]:
    return series(["time", "entity_id", "facts", "home", "unit"], [1, entity_id, hashed, "home", unit])


def event(time_ns: int, weather: Weather | None = None) -> EventPoint:
    fields: dict[str, Any] = {"state": "", "unit": "W", "origin": "LOCAL", "weather": weather}
    return EventPoint("home", "state_changed", time_ns, "light", "light.a", **fields)


async def test_newest_events_are_whole_with_their_facts_and_their_weather(answers: Answers, database: Database) -> None:
    whose = series(["time", "count", "entity_id"], [9, 1, "light.a"], [8, 1, None])
    ties = series(["time", "count", "entity_id"], [8, 1, "light.a"], [8, 1, None])
    weather = series(["time", "condition"], [9, "sunny"], home="home", source="weather.home")
    answers.will_be([statement(whose)], [statement(ties)], [statement(event_series(9, 8))])
    answers.will_be([statement(entities_series())], [{"statement_id": 0}, statement(weather, number=1)])
    assert await database.newest_events(EventFilter(), 0, 10, 2) == [event(9, Weather("sunny")), event(8)]
    assert "time >= 8 AND time < 9 " in answers.asked[1][1]["q"]
    assert 'time >= 8 AND time < 10 AND ("entity_id" = $p0 OR "entity_id" = $p1)' in answers.asked[2][1]["q"]
    assert 'FROM "entities"' in answers.asked[3][1]["q"]


async def test_where_there_is_no_event_nothing_is_read(answers: Answers, database: Database) -> None:
    answers.will_be([{"statement_id": 0}])
    assert await database.newest_events(EventFilter(), 0, 10, 2) == []
    assert len(answers.asked) == 1


async def test_events_of_an_area_are_those_that_name_one_of_its_sets(answers: Answers, database: Database) -> None:
    columns = ["time", "facts", "area"]
    moved = series(columns, [1, "0a", "Kitchen"], [2, "0b", None], home="home", entity_id="light.a")
    stays = series(columns, [1, "0c", "Kitchen"], [2, "0d", "Kitchen"], home="home", entity_id="light.b")
    nowhere = series(columns, [1, "0e", "Attic"], home="home", entity_id="light.c")
    answers.will_be([statement(moved, stays, nowhere)], [statement(series(["time", "count"], [0, 3]))])
    assert await database.event_counts(EventFilter(area="Kitchen"), [(0, 10)]) == [3]
    asked = answers.asked[1][1]
    assert '("entity_id" =~ /^(light\\.b)$/ AND "facts" != \'\')' in asked["q"]
    assert '("entity_id" = $p0 AND ("facts" = $p1))' in asked["q"]
    assert json.loads(asked["params"]) == {"p0": "light.a", "p1": "0a"}


async def test_nothing_is_asked_for_in_an_area_of_no_entity(answers: Answers, database: Database) -> None:
    answers.will_be([{"statement_id": 0}], [{"statement_id": 0}])
    assert await database.event_counts(EventFilter(area="Kitchen"), [(0, 10)]) == [0]
    assert await database.newest_events(EventFilter(area="Kitchen"), 0, 10, 2) == []
    assert len(answers.asked) == 2


def states_series(*rows: list[Any]) -> dict[str, Any]:
    columns = ["time", "count", "state", "value", "facts", "absent", "home", "entity_id"]
    return series(columns, *([at, 1, *values, "home", "sensor.a"] for at, *values in rows))


async def test_states_with_the_units_of_their_facts(answers: Answers, database: Database) -> None:
    rows: list[list[Any]] = [
        [1, "21", 21, "0a", None],
        [2, None, None, None, None],
        [3, "", 1.0, "", "value"],
    ]
    answers.will_be([statement(states_series(*rows))], [statement(entities_series("°C", entity_id="sensor.a"))])
    points = [HistoryPoint(1, "21", 21.0, "°C"), HistoryPoint(2, None, None), HistoryPoint(3, "", None)]
    assert await database.states(Entity("sensor.a"), 0, 10, 5) == points
    answers.will_be([statement(states_series(rows[0]))], [{"statement_id": 0}])
    assert await database.last_state(Entity("sensor.a"), 0, 10) == points[0]
    assert await database.last_state(Entity("sensor.a"), 0, 10) is None


async def test_the_newest_unit_is_that_of_the_newest_state(answers: Answers, database: Database) -> None:
    newest = series(["time", "facts", "home", "entity_id"], [3, "0a", "home", "sensor.a"])
    answers.will_be([statement(newest)], [statement(entities_series("°C", entity_id="sensor.a"))])
    assert await database.last_unit(Entity("sensor.a"), 0, 10) == "°C"
    answers.will_be([{"statement_id": 0}])
    assert await database.last_unit(Entity("sensor.a"), 0, 10) is None


async def test_where_the_newest_state_has_no_unit_it_is_that_of_the_newest_that_has_one(
    answers: Answers, database: Database
) -> None:
    columns = ["time", "facts", "home", "entity_id"]
    with_unit = series(["time", "facts", "unit"], [1, "0b", "W"], home="home", entity_id="sensor.a")
    answers.will_be(
        [statement(series(columns, [3, "0a", "home", "sensor.a"]))],
        [statement(entities_series(None, entity_id="sensor.a"))],
        [statement(with_unit)],
        [statement(series(columns, [2, "0b", "home", "sensor.a"]))],
        [statement(entities_series("W", "0b", entity_id="sensor.a"))],
    )
    assert await database.last_unit(Entity("sensor.a"), 0, 10) == "W"


async def test_known_entities_by_their_facts(answers: Answers, database: Database) -> None:
    columns = ["time", "count", "state", "removed", "facts", "absent"]
    rows = [series(columns, [7, 1, "on", None, "0a", None], home="home", entity_id=name) for name in ("light.a", "")]
    answers.will_be([statement(*rows)], [statement(entities_series())])
    found = list(await database.known_entities(None, EVERY_HOME, 0, 10))
    assert found == [KnownEntity("home", "light.a", 7, "on", False, unit="W")]


async def test_heads_of_series_and_entities(answers: Answers, database: Database) -> None:
    tags = {"home": "h", "event_type": "e", "domain": "", "entity_id": "a%25"}
    rows: list[list[Any]] = [[7, 1, "snapshot"], [8, 1, None]]
    answers.will_be([statement(series(["time", "count", "origin_kind"], *rows, **tags))])
    key = ("h", "e", None, "a%")
    assert list(await database.heads(0, 10)) == [Head(key, 7, OriginKind.SNAPSHOT), Head(key, 8, OriginKind.LIVE)]
    columns = ["time", "count", "removed"]
    entities = [series(columns, [7, 1, True], home="h", entity_id=name) for name in ("light.a", "")]
    answers.will_be([statement(*entities, series(columns, [7, 1, None], home="h", entity_id="light.b"))])
    changes = [LastChange("h", "light.a", 7, True), LastChange("h", "light.b", 7, False)]
    assert list(await database.entity_heads(0, 10)) == changes


async def test_services_are_summed_over_all_parts(answers: Answers, database: Database) -> None:
    answers.will_be(
        [
            statement(series(["time", "events_received"], [0, 1], service="s")),
            statement(series(["time", "events_received"], [0, 2], service="s"), number=1),
        ]
    )
    assert await database.service_sums([RAW, RAW], ("events_received",), None) == {"s": {"events_received": 3.0}}


async def test_services_are_told_by_the_numbers_of_their_newest_reports(answers: Answers, database: Database) -> None:
    newest = series(
        ["time", "queue_depth", "events_received", "text", "flag"], [9, 2.5, 4, "x", True], service="s", instance="i"
    )
    answers.will_be([statement(newest)])
    assert await database.newest_reports(0, 10, None) == [
        FieldRow("s", "i", "queue_depth", 9, 2.5),
        FieldRow("s", "i", "events_received", 9, 4.0),
    ]


async def test_the_texts_of_the_progress_come_by_their_owner(answers: Answers, database: Database) -> None:
    answers.will_be([statement(series(["time", "state"], [1, "{}"], owner="admin-api a%25"))])
    assert await database.progress() == {"admin-api a%": "{}"}


@pytest.mark.parametrize(("rows", "oldest"), [([[5, "x"]], 5), ([], None)])
async def test_the_oldest_point(
    answers: Answers, database: Database, rows: list[list[Any]], oldest: int | None
) -> None:
    answers.will_be([statement(series(["time", "state"], *rows))])
    assert await database.first_ns("m", 0, 9) == oldest


async def test_what_is_not_all_is_no_answer(answers: Answers, database: Database) -> None:
    answers.will_be([statement({"name": "m", "columns": ["time"], "values": [[1]], "partial": True})])
    with pytest.raises(StoreUnavailableError, match=r"in part only\. Raise its max-row-limit"):
        await database.heads(0, 10)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (web.json_response({"error": "unable to parse authentication credentials"}, status=401), StoreRefusedError),
        (web.Response(text="<html>", status=502), StoreUnavailableError),
        (web.Response(body=b"\xff", status=200), StoreUnavailableError),
        (web.json_response({"results": [{"error": "database not found: mine"}]}), StoreRefusedError),
        (web.json_response({"results": [{"error": "timeout"}]}), StoreUnavailableError),
    ],
    ids=["token", "proxy", "garbage", "database", "timeout"],
)
async def test_a_failure_is_an_error_of_ours(
    answers: Answers, database: Database, answer: web.Response, error: type[Exception]
) -> None:
    answers.will_be(answer)
    with pytest.raises(error):
        await database.ping()


async def test_what_is_missing_is_created(answers: Answers, database: Database) -> None:
    answers.will_be([{"error": "database not found: mine"}])
    await database.version.prepare()
    asked = answers.asked
    assert [method for method, _ in asked] == ["GET", "POST", "POST"]
    assert asked[1][1]["q"] == 'CREATE DATABASE "mine" WITH DURATION 7776000s NAME "events"'
    assert asked[2][1]["q"] == (
        'CREATE RETENTION POLICY "mine_rollups" ON "mine" DURATION INF REPLICATION 1 SHARD DURATION 52w'
    )


async def test_what_is_there_is_left_as_it_is(answers: Answers, database: Database) -> None:
    policies = [["events", "2160h0m0s", True], ["mine_rollups", "0s", False]]
    answers.will_be([statement(series(["name", "duration", "default"], *policies))])
    await database.version.prepare()
    assert len(answers.asked) == 1


@pytest.mark.parametrize(
    ("token", "sent"), [("", None), ("reader:pass", "Basic cmVhZGVyOnBhc3M="), ("opaque", "Token opaque")]
)
async def test_a_user_and_a_password_are_sent_as_such(answers: Answers, token: str, sent: str | None) -> None:
    settings = settings_of(answers, token=token, write_token="writer:word")
    server = Server(settings)
    database = Database(Version1(server, settings))
    await database.ping()
    await database.version.delete(Place.EVENTS, "m", {"mark": "x"}, 5)
    reading, deleting = (request.headers.get("Authorization") for request, _ in answers.influxdb.requests)
    assert reading == sent
    assert deleting == database.write_target(rollups=False).headers["Authorization"] == "Basic d3JpdGVyOndvcmQ="
    await server.close()


def test_rollups_are_written_into_a_policy_of_their_own() -> None:
    settings = InfluxSettings(url="http://influx", bucket="mine")
    database = Database(Version1(Server(settings), settings))
    assert database.write_target(rollups=False).params == {"db": "mine", "precision": "ns"}
    assert database.write_target(rollups=True).params == {"db": "mine", "precision": "ns", "rp": "mine_rollups"}


class Two:
    """Two statements, of which the server executes what it wants."""

    COUNTED = (statement(series(["time", "count"], [0, 1])), statement(series(["time", "count"], [0, 2]), number=1))
    ALONE = statement(series(["time", "count"], [0, 2]))


@pytest.mark.parametrize(
    "told",
    [
        [Two.COUNTED[0], {"statement_id": 1, "error": "not executed"}],
        [{"statement_id": 0, "error": "not executed"}],
        [],
    ],
    ids=["the second failed", "the second is dropped without a word", "no result at all"],
)
async def test_what_was_not_executed_is_asked_alone(answers: Answers, database: Database, told: list[Any]) -> None:
    answers.will_be(told, [Two.COUNTED[0]], [Two.ALONE])
    assert await database.event_counts(EventFilter(), [(0, 1), (1, 2)]) == [1, 2]
    assert [asked["q"].count("SELECT") for _, asked in answers.asked] == [2, 1, 1]


async def test_the_reason_is_that_of_the_statement_that_fails_alone(answers: Answers, database: Database) -> None:
    refused = {"statement_id": 0, "error": "retention policy not found: mine_rollups"}
    answers.will_be([{"statement_id": 0, "error": "not executed"}], [Two.COUNTED[0]], [refused])
    with pytest.raises(StoreRefusedError, match="retention policy not found: mine_rollups"):
        await database.counts([RAW, ROLLUP], ())


async def test_no_statement_is_no_request(answers: Answers, database: Database) -> None:
    assert list(await database.counts([], ())) == []
    assert answers.asked == []


async def test_a_refusal_as_2_x_says_it_is_no_empty_answer(answers: Answers, database: Database) -> None:
    answers.will_be(web.json_response({"code": "unauthorized", "message": "Unauthorized"}, status=401))
    with pytest.raises(StoreRefusedError, match="answered 401 to a question: Unauthorized"):
        await database.ping()


def lines(*results: Any) -> web.Response:
    return web.Response(text="".join(json.dumps({"results": [result]}) + "\n" for result in results))


async def test_a_stream_is_read_line_by_line(answers: Answers, database: Database) -> None:
    first = {**statement(series(["time", "v"], [1, "a\n"])), "partial": True}
    answers.will_be(lines(first, statement(series(["time", "v"], [2, "b"]))))
    found = [[row.values["v"] for row in rows] async for rows in database.version.influxql.stream(question("SELECT"))]
    assert found == [["a\n"], ["b"]]
    assert answers.asked[0][1]["chunked"] == "true"


@pytest.mark.parametrize(
    ("told", "error", "says"),
    [
        (lines({**statement(series(["time"], [1])), "partial": True}), StoreUnavailableError, "broke off"),
        (lines(), StoreUnavailableError, "broke off"),
        (lines({"error": "database not found: mine"}), StoreRefusedError, "not found"),
        (web.Response(text="<html>", status=502), StoreUnavailableError, "502"),
    ],
    ids=["more was to come", "nothing", "refused", "proxy"],
)
async def test_a_stream_that_is_not_whole_is_an_error(
    answers: Answers, database: Database, told: web.Response, error: type[Exception], says: str
) -> None:
    answers.will_be(told)
    with pytest.raises(error, match=says):
        async for _ in database.version.influxql.stream(question("SELECT")):
            pass
