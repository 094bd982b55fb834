"""InfluxDB 2.x: where lines go, how buckets are created, found and mapped, and what is deleted."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from ha_ingestor_core.errors import StoreRefusedError
from ha_ingestor_store.influx.database import Database
from ha_ingestor_store.influx.server.http import Server
from ha_ingestor_store.influx.server.version import Place
from ha_ingestor_store.influx.server.version2 import Version2
from ha_ingestor_store.influx.settings import InfluxSettings

from libs.store.tests.influx.conftest import ScriptedInfluxDb


@pytest.fixture
async def version(influxdb: ScriptedInfluxDb) -> AsyncIterator[Version2]:
    settings = InfluxSettings(url=influxdb.url, bucket="mine", org="home", token="reads", write_token="writes")
    server = Server(settings)
    yield Version2(server, settings)
    await server.close()


def test_lines_go_to_a_bucket_and_rollups_to_another(version: Version2) -> None:
    target = version.write_target(rollups=False)
    assert target.path == "/api/v2/write"
    assert target.params == {"org": "home", "bucket": "mine", "precision": "ns"}
    assert target.headers == {"Authorization": "Token writes"}
    assert version.write_target(rollups=True).params["bucket"] == "mine_rollups"


@pytest.mark.parametrize(
    ("bucket", "asked", "rollups"),
    [
        ("mine", {"db": "mine", "rp": "autogen"}, '"mine_rollups"."autogen".'),
        ("old/raw", {"db": "old", "rp": "raw"}, '"old"."raw_rollups".'),
    ],
)
async def test_a_bucket_is_asked_as_the_database_that_it_is_mapped_to(
    influxdb: ScriptedInfluxDb, bucket: str, asked: dict[str, str], rollups: str
) -> None:
    settings = InfluxSettings(url=influxdb.url, bucket=bucket, token="reads", write_token="writes")
    server = Server(settings)
    version = Version2(server, settings)
    influxdb.answer = lambda *_: web.json_response({"results": [{"statement_id": 0}]})
    await Database(version).ping()
    ((request, _),) = influxdb.requests
    assert {name: request.query[name] for name in asked} == asked
    assert request.headers["Authorization"] == "Token reads"
    assert (version.prefix(Place.EVENTS), version.prefix(Place.ROLLUPS)) == ("", rollups)
    await server.close()


def mappings(virtual: bool, bucket_id: str) -> Any:
    def answer(request: web.Request, _: bytes) -> web.StreamResponse:
        if request.path == "/api/v2/buckets":
            return web.json_response({"buckets": [{"id": "ours", "name": request.query["name"]}]})
        mapping = {"id": "m1", "database": "mine", "retention_policy": "autogen", "virtual": virtual}
        return web.json_response({"content": [{**mapping, "bucketID": bucket_id}]})

    return answer


@pytest.mark.parametrize(("virtual", "bucket_id"), [(True, "ours"), (False, "ours")])
async def test_names_that_lead_to_the_buckets_are_verified_once(
    influxdb: ScriptedInfluxDb, version: Version2, virtual: bool, bucket_id: str
) -> None:
    influxdb.answer = mappings(virtual, bucket_id)
    await version.settle()
    seen = len(influxdb.requests)
    await version.settle()
    assert len(influxdb.requests) == seen


async def test_a_name_that_leads_to_another_bucket_is_refused(influxdb: ScriptedInfluxDb, version: Version2) -> None:
    influxdb.answer = mappings(False, "another")
    with pytest.raises(StoreRefusedError, match=r"finds another bucket under the name of mine: .* mapping \(m1\)"):
        await version.settle()


async def test_a_token_that_sees_no_mappings_may_still_read(influxdb: ScriptedInfluxDb, version: Version2) -> None:
    influxdb.answer = lambda *_: web.json_response({"message": "no"}, status=403)
    await version.settle()


async def test_buckets_that_are_missing_are_created_with_their_retention(
    influxdb: ScriptedInfluxDb, version: Version2
) -> None:
    def answer(request: web.Request, _: bytes) -> web.StreamResponse:
        if request.path == "/api/v2/orgs":
            return web.json_response({"orgs": [{"id": "0rg", "name": "home"}]})
        if request.method == "GET":
            return web.json_response({"code": "not found"}, status=404)
        return web.json_response({}, status=201)

    influxdb.answer = answer
    await version.prepare()
    created = [json.loads(body) for request, body in influxdb.requests if request.method == "POST"]
    assert created == [
        {"orgID": "0rg", "name": "mine", "retentionRules": [{"type": "expire", "everySeconds": 7_776_000}]},
        {"orgID": "0rg", "name": "mine_rollups", "retentionRules": []},
    ]


async def test_existing_buckets_are_not_changed(influxdb: ScriptedInfluxDb, version: Version2) -> None:
    influxdb.answer = lambda *_: web.json_response({"buckets": [{"id": "1", "name": "mine"}]})
    await version.prepare()
    assert [request.method for request, _ in influxdb.requests] == ["GET", "GET"]
    assert {request.headers["Authorization"] for request, _ in influxdb.requests} == {"Token reads"}


async def test_an_organisation_that_does_not_exist_is_named(influxdb: ScriptedInfluxDb, version: Version2) -> None:
    influxdb.answer = lambda *_: web.json_response({"orgs": [], "buckets": []})
    with pytest.raises(StoreRefusedError, match="it sees no organisation home"):
        await version.prepare()


async def test_one_point_is_deleted_by_its_nanosecond_and_its_tags(
    influxdb: ScriptedInfluxDb, version: Version2
) -> None:
    tags = {"home": "home", "entity_id": 'light."%5C%0A'}
    await version.delete(Place.EVENTS, "home_assistant_events", tags, 1_795_000_000_123_456_789)
    ((request, body),) = influxdb.requests
    assert (request.path, dict(request.query)) == ("/api/v2/delete", {"org": "home", "bucket": "mine"})
    assert json.loads(body) == {
        "start": "2026-11-18T11:06:40.123456789Z",
        "stop": "2026-11-18T11:06:40.123456789Z",
        "predicate": '_measurement="home_assistant_events" AND home="home" AND entity_id="light.\\"%5C%0A"',
    }


async def test_a_delete_that_is_refused_is_an_error(influxdb: ScriptedInfluxDb, version: Version2) -> None:
    influxdb.answer = lambda *_: web.json_response({"message": "no"}, status=403)
    with pytest.raises(StoreRefusedError, match="deleting from bucket mine: 403 no"):
        await version.delete(Place.EVENTS, "m", {"mark": "x"}, 5)
