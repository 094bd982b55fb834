"""`ha-ingestor doctor` with real servers: what exists, what is missing, and the permissions of each token."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import msgspec
import pytest
from aiohttp import web
from ha_ingestor.checkups.home_assistant import check_homes
from ha_ingestor.demo_home import DemoHome
from ha_ingestor_core.clock import FakeClock, SystemClock
from ha_ingestor_store.checkup import Finding, Status
from ha_ingestor_store.influx.checkup import MARKS, check_influxdb
from ha_ingestor_store.influx.server.http import Server
from ha_ingestor_store.influx.server.versions import supported
from ha_ingestor_store.influx.settings import InfluxSettings
from pydantic import SecretStr
from websocket_ingestion.connection.capture import Home

from tests.influxdb import InfluxDb1, a_database, dropped_afterwards, named_server, query_1, require_influxdb
from tests.ports import free_port

DAY_S = 86_400
AFTER_SERVER = (
    "clocks", "organisation", "events kept", "rollups kept", "read events", "read rollups", "stored events",
    "write events", "write rollups", "limits", "write, read",
)  # fmt: skip

influxdb_needed = pytest.mark.influxdb


async def examined(settings: InfluxSettings, *, create: bool = True, clock: FakeClock | None = None) -> list[Finding]:
    """Return all findings in order."""
    checks = check_influxdb(settings, clock=clock or SystemClock(), create=create)
    return [finding async for finding in checks]


def by_name(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.name: finding for finding in findings}


def ending(findings: list[Finding], status: Status) -> set[str]:
    return {finding.name for finding in findings if finding.status is status}


async def marks_left(settings: InfluxSettings) -> str:
    """Return the test points that a server still has."""
    async with aiohttp.ClientSession() as http:
        if settings.token and ":" not in settings.token:
            marks = f'filter(fn: (r) => r._measurement == "{MARKS}")'
            flux = f'from(bucket: "{settings.bucket}") |> range(start: 0) |> {marks}'
            headers = {"Authorization": f"Token {settings.token}", "Content-Type": "application/vnd.flux"}
            url = f"{settings.url}/api/v2/query?org={settings.org}"
            async with http.post(url, data=flux, headers=headers) as answer:
                return (await answer.text()).strip()
        params = {"db": settings.bucket, "q": "SHOW MEASUREMENTS"}
        async with http.get(f"{settings.url}/query", params=params) as answer:
            return MARKS if MARKS in await answer.text() else ""


@influxdb_needed
async def test_what_is_missing_is_only_told_then_made_then_found(influxdb: InfluxSettings) -> None:
    wanted = msgspec.structs.replace(influxdb, raw_retention_s=90 * DAY_S)
    looked = await examined(wanted, create=False)
    assert ending(looked, Status.PROBLEM) == {"events kept", "rollups kept"}
    assert {"read events", "write events", "write, read"} <= ending(looked, Status.SKIPPED)
    made = await examined(wanted)
    assert ending(made, Status.GOOD) == {"server", *AFTER_SERVER}
    assert "was created, and keeps what is written for 90 days" in by_name(made)["events kept"].message
    assert "was created, and keeps what is written for ever" in by_name(made)["rollups kept"].message
    found = await examined(wanted)
    assert ending(found, Status.GOOD) == {"server", *AFTER_SERVER}
    assert "is there" in by_name(found)["rollups kept"].message
    assert await marks_left(influxdb) == ""


@influxdb_needed
async def test_events_of_before_the_first_release_are_a_problem(influxdb: InfluxSettings) -> None:
    assert by_name(await examined(influxdb))["stored events"].message == "there are none yet"
    server = Server(influxdb)
    try:
        version = supported(await server.version(), server, influxdb)
        await version.settle()
        for fields, status in (("count=1.0", Status.GOOD), ('count=1.0,unit="W"', Status.PROBLEM)):
            target = version.write_target(rollups=False)
            line = f"home_assistant_events,home=home {fields} 1".encode()
            answer = await server.request("POST", target.path, params=target.params, headers=target.headers, body=line)
            assert answer.status == 204
            found = by_name(await examined(influxdb))["stored events"]
            assert found.status is status
        assert "(fields unit)" in found.message
    finally:
        await server.close()


@influxdb_needed
async def test_limits_that_refuse_events_are_found(tmp_path: Path) -> None:
    require_influxdb()
    server = InfluxDb1(tmp_path)
    server.start()
    settings = a_database(server.url)
    try:
        await examined(settings)
        for entity in ("a", "b", "c", "d"):
            line = f"home_assistant_events,entity_id=sensor.{entity} count=1.0".encode()
            await written(settings, line)
        for most, status, told in (
            (4, Status.PROBLEM, "4 of 4 entities (max-values-per-tag), "),
            (5, Status.NOTE, "4 of 5 entities (max-values-per-tag), "),
            (100_000, Status.GOOD, "requests of 2 MiB are accepted; 4 of 100,000 entities (max-values-per-tag), "),
        ):
            server.kill()
            server.configure("data", max_values_per_tag=most)
            server.start()
            found = by_name(await examined(settings))["limits"]
            assert (found.status, found.message.startswith(told)) == (status, True)
        server.kill()
        server.configure("http", max_body_size=1_000_000)
        server.start()
        found = by_name(await examined(settings))["limits"]
        assert (found.status, found.message) == (Status.NOTE, "a request of 2 MiB is refused for its length")
    finally:
        server.kill()


async def written(settings: InfluxSettings, line: bytes) -> None:
    """Write a line to a database of a 1.x."""
    url = f"{settings.url}/write?db={settings.database}"
    async with aiohttp.ClientSession() as http, http.post(url, data=line) as answer:
        assert answer.status == 204


@influxdb_needed
async def test_looking_alone_tries_no_point(influxdb: InfluxSettings) -> None:
    await examined(influxdb)
    looked = await examined(influxdb, create=False)
    assert ending(looked, Status.SKIPPED) == {"write, read"}
    assert ending(looked, Status.PROBLEM) == set()


@influxdb_needed
async def test_another_retention_than_the_settings_say_is_a_note(influxdb: InfluxSettings) -> None:
    await examined(msgspec.structs.replace(influxdb, raw_retention_s=90 * DAY_S, rollup_retention_s=30 * DAY_S))
    found = by_name(await examined(msgspec.structs.replace(influxdb, raw_retention_s=30 * DAY_S)))
    events, rollups = found["events kept"], found["rollups kept"]
    assert events.status is Status.NOTE
    assert "for 90 days; INFLUXDB_RETENTION_DAYS says for 30 days" in events.message
    assert "INFLUXDB_RETENTION_DAYS=90" in events.advice
    assert rollups.status is Status.NOTE
    assert "for 30 days, less than the events (for 90 days)" in rollups.message


@influxdb_needed
@pytest.mark.parametrize(
    ("apart_s", "status"), [(0.0, Status.GOOD), (10.0, Status.NOTE), (-10.0, Status.NOTE), (-40.0, Status.PROBLEM)]
)
async def test_clocks_are_compared(influxdb: InfluxSettings, apart_s: float, status: Status) -> None:
    clock = FakeClock(SystemClock().now_ns())
    clock.advance(apart_s)
    finding = by_name(await examined(influxdb, create=False, clock=clock))["clocks"]
    assert finding.status is status
    if apart_s:
        assert ("behind" if apart_s > 0 else "ahead of") in finding.message


@influxdb_needed
async def test_a_wrong_token_is_told_and_never_shown(influxdb: InfluxSettings) -> None:
    if not influxdb.token:
        pytest.skip("Debian's InfluxDB asks for no token")
    await examined(influxdb)
    findings = await examined(msgspec.structs.replace(influxdb, token="secret-but-wrong"))
    assert ending(findings, Status.PROBLEM) == {"organisation", "write events", "write rollups"}
    assert "does not know INFLUXDB_TOKEN" in by_name(findings)["write events"].message
    assert "secret-but-wrong" not in str(findings)
    unset = by_name(await examined(msgspec.structs.replace(influxdb, token="")))
    assert "INFLUXDB_TOKEN is not set" in unset["write events"].message


@influxdb_needed
async def test_an_organisation_that_is_not_there(influxdb: InfluxSettings) -> None:
    if not influxdb.token:
        pytest.skip("1.x has no organisations")
    findings = await examined(msgspec.structs.replace(influxdb, org="nowhere"))
    assert ending(findings, Status.PROBLEM) == {"organisation"}
    assert "no organisation nowhere" in by_name(findings)["organisation"].message


class Rights:
    """Tokens of a server, each with its own permissions, by name."""

    def __init__(self, settings: InfluxSettings, read: str, write: str, nothing: str) -> None:
        self.settings, self.read, self.write, self.nothing = settings, read, write, nothing

    def with_tokens(self, token: str, write_token: str = "") -> InfluxSettings:
        return msgspec.structs.replace(self.settings, token=token, write_token=write_token)


@pytest.fixture(scope="module")
def guarded_influxdb_1(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InfluxDb1]:
    """An InfluxDB 1.x with authentication."""
    require_influxdb()
    server = InfluxDb1(tmp_path_factory.mktemp("guarded"), asks_who=True)
    server.start()
    yield server
    server.kill()


@asynccontextmanager
async def rights_on_1(server: InfluxDb1) -> AsyncIterator[Rights]:
    settings = a_database(server.url, token=server.token)
    await examined(settings)
    for user, grant in (("read", "READ"), ("write", "WRITE"), ("nothing", "")):
        name = f"{user}_{settings.bucket}"
        query_1(server.url, server.token, f"CREATE USER {name} WITH PASSWORD 'p'")
        if grant:
            query_1(server.url, server.token, f'GRANT {grant} ON "{settings.bucket}" TO {name}')
    yield Rights(settings, *(f"{user}_{settings.bucket}:p" for user in ("read", "write", "nothing")))


@asynccontextmanager
async def rights_on_2() -> AsyncIterator[Rights]:
    named = named_server()
    assert named is not None
    async with dropped_afterwards(named) as settings:
        await examined(settings)
        headers = {"Authorization": f"Token {settings.token}"}
        made: list[tuple[str, str]] = []
        async with aiohttp.ClientSession(f"{settings.url}/", headers=headers) as http:
            async with http.get("api/v2/buckets", params={"org": settings.org, "limit": "100"}) as answer:
                buckets = [b for b in (await answer.json())["buckets"] if b["name"].startswith(settings.bucket)]
            org = buckets[0]["orgID"]
            for action in ("read", "write", "nothing"):
                resources = [{"type": "buckets", "id": b["id"], "orgID": org} for b in buckets]
                permissions = [{"action": action, "resource": each} for each in resources]
                if action == "nothing":
                    permissions = [{"action": "read", "resource": {"type": "tasks", "orgID": org}}]
                body = {"orgID": org, "description": f"of {settings.bucket}", "permissions": permissions}
                async with http.post("api/v2/authorizations", json=body) as answer:
                    told = await answer.json()
                    made.append((told["id"], told["token"]))
            try:
                yield Rights(settings, *(token for _, token in made))
            finally:
                for identifier, _ in made:
                    await http.delete(f"api/v2/authorizations/{identifier}")


@pytest.fixture(params=["influxdb-1", "influxdb-named"])
async def rights(request: pytest.FixtureRequest) -> AsyncIterator[Rights]:
    """Tokens with few permissions, on every available InfluxDB."""
    if request.param == "influxdb-1":
        async with rights_on_1(request.getfixturevalue("guarded_influxdb_1")) as found:
            yield found
        return
    if named_server() is None:
        pytest.skip("TEST_INFLUXDB_URL is not set")
    async with rights_on_2() as found:
        yield found


@influxdb_needed
async def test_a_token_to_read_and_one_to_write_are_enough(rights: Rights) -> None:
    findings = await examined(rights.with_tokens(rights.read, rights.write))
    assert ending(findings, Status.GOOD) == {"server", *AFTER_SERVER}
    assert "INFLUXDB_WRITE_TOKEN writes to" in by_name(findings)["write events"].message


@influxdb_needed
async def test_a_token_that_may_only_read_does_not_write(rights: Rights) -> None:
    findings = await examined(rights.with_tokens(rights.read))
    assert ending(findings, Status.PROBLEM) == {"write events", "write rollups"}
    assert "INFLUXDB_TOKEN may not write to" in by_name(findings)["write events"].message
    assert ending(findings, Status.SKIPPED) == {"limits", "write, read"}


@influxdb_needed
async def test_a_token_that_may_only_write_does_not_read_and_nothing_is_created_for_it(rights: Rights) -> None:
    findings = await examined(rights.with_tokens(rights.write))
    found = by_name(findings)
    assert {found["write events"].status, found["write rollups"].status} == {Status.GOOD}
    assert ending(findings, Status.PROBLEM) & {"events kept", "read events"}
    assert "created" not in str(findings)


@influxdb_needed
async def test_a_token_without_rights_may_neither_nor_create(rights: Rights) -> None:
    settings = msgspec.structs.replace(rights.with_tokens(rights.nothing), bucket=f"{rights.settings.bucket}_other")
    findings = await examined(settings)
    assert "events kept" in ending(findings, Status.PROBLEM)
    assert "write events" in ending(findings, Status.SKIPPED)
    assert "is not there" in by_name(findings)["write events"].message


@asynccontextmanager
async def answering(headers: dict[str, str], status: int = 200) -> AsyncIterator[str]:
    """A server that gives one answer to all requests."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(text="hello", status=status, headers=headers)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()


async def test_a_server_that_is_away() -> None:
    findings = await examined(InfluxSettings(url=f"http://127.0.0.1:{free_port()}"))
    assert ending(findings, Status.PROBLEM) == {"server"}
    assert ending(findings, Status.SKIPPED) == set(AFTER_SERVER)
    assert "did not answer" in by_name(findings)["server"].message


async def test_a_server_that_is_no_influxdb() -> None:
    async with answering({}) as url:
        finding = by_name(await examined(InfluxSettings(url=url)))["server"]
    assert finding.status is Status.PROBLEM
    assert "is no InfluxDB" in finding.message


async def test_influxdb_3_is_said_to_be_unsupported() -> None:
    async with answering({"X-Influxdb-Version": "3.6.0"}) as url:
        findings = await examined(InfluxSettings(url=url))
    assert "InfluxDB 3.6.0, which this release does not support" in by_name(findings)["server"].message
    assert ending(findings, Status.SKIPPED) == set(AFTER_SERVER)


async def test_a_server_that_says_it_is_influxdb_and_talks_nonsense_breaks_nothing() -> None:
    for version in ("v2.7.12", "1.6.7"):
        async with answering({"X-Influxdb-Version": version}) as url:
            findings = await examined(InfluxSettings(url=url))
        assert len(findings) == 1 + len(AFTER_SERVER)
        assert ending(findings, Status.PROBLEM)


async def test_an_answer_that_never_comes() -> None:
    left = asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        await writer.wait_closed()
        left.set()

    async with asyncio.timeout(20), await asyncio.start_server(say_nothing, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        findings = await examined(InfluxSettings(url=f"http://127.0.0.1:{port}", timeout_s=0.2))
        await left.wait()
    assert "no answer within the timeout" in by_name(findings)["server"].message


def home_assistant(url: str, token: str, name: str = "home") -> Home:
    return Home(name, url, SecretStr(token), "HA_TOKEN")


async def looked_at(folder: Path, *homes: Home) -> list[Finding]:
    return [finding async for finding in check_homes(homes, data_dir=folder, clock=SystemClock())]


async def test_home_assistant_is_met_as_the_capture_meets_it(tmp_path: Path) -> None:
    demo = DemoHome()
    await demo.start()
    try:
        good = await looked_at(tmp_path, home_assistant(demo.url, demo.token))
        wrong = await looked_at(tmp_path, home_assistant(demo.url, "secret-but-wrong"))
        both = await looked_at(
            tmp_path, home_assistant(demo.url, demo.token), home_assistant("http://127.0.0.1:1", "t", "cabin")
        )
    finally:
        await demo.stop()
    assert [finding.status for finding in good] == [Status.GOOD, Status.GOOD, Status.GOOD]
    assert [finding.status for finding in wrong] == [Status.PROBLEM, Status.SKIPPED, Status.SKIPPED]
    assert "refused the token" in wrong[0].message
    assert "HA_TOKEN" in wrong[0].advice
    assert "secret-but-wrong" not in str(wrong)
    assert [(each.name, each.status) for each in both if each.status is Status.PROBLEM] == [("cabin", Status.PROBLEM)]


async def test_a_token_that_was_refused_twice_is_not_tried_again(tmp_path: Path) -> None:
    demo = DemoHome()
    await demo.start()
    try:
        findings = [(await looked_at(tmp_path, home_assistant(demo.url, "wrong")))[0] for _ in range(3)]
    finally:
        await demo.stop()
    assert ["was not tried again" in finding.message for finding in findings] == [False, False, True]


async def test_a_login_ends_the_count_of_refusals(tmp_path: Path) -> None:
    demo = DemoHome()
    await demo.start()
    try:
        right = home_assistant(demo.url, demo.token)
        wrong = home_assistant(demo.url, "wrong")
        findings = [(await looked_at(tmp_path, each))[0] for each in (wrong, right, wrong)]
    finally:
        await demo.stop()
    assert [finding.status for finding in findings] == [Status.PROBLEM, Status.GOOD, Status.PROBLEM]
    (kept,) = tmp_path.rglob("refused-tokens/*.json")
    assert json.loads(kept.read_bytes())["refusals"] == 1


async def test_a_banned_address_is_told_as_one(tmp_path: Path) -> None:
    async with answering({}, status=403) as url:
        findings = await looked_at(tmp_path, home_assistant(url, "token"))
    assert "ip_bans.yaml" in findings[0].advice


async def test_a_server_that_is_no_home_assistant(tmp_path: Path) -> None:
    async with answering({}) as url:
        findings = await looked_at(tmp_path, home_assistant(url, "token"))
    assert [finding.status for finding in findings] == [Status.PROBLEM, Status.SKIPPED, Status.SKIPPED]
