"""`ha-ingestor rejected`."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar

import msgspec
import pytest
from enrichment_pipeline.rejected.rejected_file import RejectedFile
from ha_ingestor import cli, rejected_events
from ha_ingestor_core.delivery import ReplayOutcome
from ha_ingestor_store.answers import RejectedPage
from ha_ingestor_store.points import RejectedEvent
from ha_ingestor_store.questions import RecentRejected
from ha_ingestor_store.time_range import ALWAYS
from msgspec import structs
from typer.testing import CliRunner, Result

BASE_NS = 1_795_000_000_000_000_000
GOOD = RejectedEvent("home", BASE_NS, "enrichment-pipeline", "internal_error", "[why] not", '{"a": 1}')
BAD = RejectedEvent("cabin", BASE_NS + 1, "enrichment-pipeline", "malformed", "event must be JSON", "{")
DONE = structs.replace(
    RejectedEvent("home", BASE_NS + 2, "enrichment-pipeline", "malformed", "why", "}"),
    replayed_ns=BASE_NS + 3,
    outcome=ReplayOutcome.REJECTED,
)


def invoke(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(cli.app, arguments, env={"TERM": "dumb", "COLUMNS": "80", **environment})


@pytest.fixture(autouse=True)
def empty_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def kept(tmp_path: Path) -> None:
    """Three rejected events in DATA_DIR."""

    async def write() -> None:
        rejected = RejectedFile(tmp_path / "data", limit_bytes=1024 * 1024)
        await rejected.open()
        await rejected.keep([GOOD, BAD, DONE])
        await rejected.mark_replayed(DONE)
        await rejected.close()

    asyncio.run(write())


class _Api(BaseHTTPRequestHandler):
    asked: ClassVar[list[str]] = []
    answers: ClassVar[dict[str, bytes]] = {}

    def do_POST(self) -> None:
        self.asked.append(self.path)
        if self.path in self.answers:
            return self._answer(self.answers[self.path])
        is_bad = BAD.id in self.path
        end = {"outcome": "rejected" if is_bad else "written", "key": "malformed" if is_bad else None, "message": "no"}
        return self._answer(json.dumps(end).encode())

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def api() -> Iterator[Callable[[], list[str]]]:
    """An Admin API that replays: its port is in the environment; returns what it was asked."""
    _Api.asked, _Api.answers = [], {}
    with HTTPServer(("127.0.0.1", 0), _Api) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("ADMIN_API_PORT", str(server.server_port))
            patch.setenv("ENRICHMENT_PIPELINE_URL", f"http://127.0.0.1:{server.server_port}")
            yield lambda: _Api.asked
        server.shutdown()
        thread.join()


@pytest.mark.usefixtures("kept")
def test_the_list_tells_whole_ids_reasons_and_counts_in_a_narrow_terminal() -> None:
    output = invoke("rejected", "list").output
    assert all(event.id in output for event in (GOOD, BAD, DONE))
    assert "[why]" in output
    assert "3 of 3: malformed 2, internal_error 1" in output


@pytest.mark.usefixtures("kept")
def test_the_list_is_filtered() -> None:
    output = invoke("rejected", "list", "--key", "malformed", "--home", "cabin", "--limit", "1").output
    assert BAD.id in output
    assert "1 of 1: malformed 1" in output
    assert "No rejected events" in invoke("rejected", "list", "--start", "2260-01-01T00:00:00Z").output
    assert "No rejected events" in invoke("rejected", "list", "--end", "100y").output


@pytest.mark.parametrize("options", [("--start", "soon"), ("--start", "1h", "--end", "2h")])
def test_a_time_that_is_none_names_its_option(options: tuple[str, ...]) -> None:
    result = invoke("rejected", "list", *options)
    assert result.exit_code == 2
    assert "--start must be" in result.output


@pytest.mark.usefixtures("kept")
def test_one_is_shown_with_the_json_that_came() -> None:
    output = invoke("rejected", "show", GOOD.id).output
    assert '{"a": 1}' in output
    assert invoke("rejected", "show", "nothing").exit_code == 1


@pytest.mark.usefixtures("kept")
def test_an_export_is_a_line_of_json_each(tmp_path: Path) -> None:
    lines = [json.loads(line) for line in invoke("rejected", "export", "--home", "home").output.splitlines()]
    assert [(line["id"], line["payload"], line["outcome"]) for line in lines] == [
        (DONE.id, "}", "rejected"),
        (GOOD.id, '{"a": 1}', None),
    ]
    assert invoke("rejected", "export", "all.jsonl").exit_code == 0
    assert len((tmp_path / "all.jsonl").read_text().splitlines()) == 3
    assert "nowhere/all.jsonl: No such file" in invoke("rejected", "export", "nowhere/all.jsonl").output


@pytest.mark.usefixtures("kept")
def test_what_is_discarded_is_gone_for_good() -> None:
    assert "1 discarded" in invoke("rejected", "discard", BAD.id, "nothing").output
    assert "There is no rejected event" in invoke("rejected", "show", BAD.id).output
    assert "1 discarded" in invoke("rejected", "discard", "--all", "--key", DONE.key).output
    assert [json.loads(line)["id"] for line in invoke("rejected", "export").output.splitlines()] == [GOOD.id]
    assert invoke("rejected", "discard").exit_code == 2
    assert invoke("rejected", "discard", "--all", GOOD.id).exit_code == 2


@pytest.mark.usefixtures("kept")
def test_all_that_were_not_replayed_yet_are_the_oldest_first(api: Callable[[], list[str]]) -> None:
    result = invoke("rejected", "replay", "--all")
    assert api() == [f"/api/v1/rejected/{event.id}/replay" for event in (GOOD, BAD)]
    assert "1 written, 1 rejected" in result.output
    assert result.exit_code == 4


def test_one_is_replayed_by_its_id(api: Callable[[], list[str]]) -> None:
    assert invoke("rejected", "replay", "some/id").exit_code == 0
    assert api() == ["/api/v1/rejected/some%2Fid/replay"]


def test_without_an_ingestor_a_replay_says_what_to_do() -> None:
    result = invoke("rejected", "replay", "some-id", ADMIN_API_PORT="1")
    assert result.exit_code == 3
    assert "ADMIN_API_PORT" in result.output


def test_what_to_replay_is_said_once() -> None:
    assert invoke("rejected", "replay").exit_code == 2
    assert invoke("rejected", "replay", "id", "--all").exit_code == 2


@pytest.mark.usefixtures("kept")
def test_programs_get_one_document() -> None:
    rejected = json.loads(invoke("rejected", "list", "--output", "json").output)
    assert rejected["counts"] == {"malformed": 2, "internal_error": 1}
    assert [each["id"] for each in rejected["rejected"]] == [DONE.id, BAD.id, GOOD.id]
    assert json.loads(invoke("--output=json", "rejected", "show", GOOD.id).output)["payload"] == '{"a": 1}'


def rejected(payload: str, after_ns: int) -> RejectedEvent:
    return RejectedEvent("home", BASE_NS + after_ns, "enrichment-pipeline", "malformed", "why", payload)


async def test_a_replay_of_many_reads_pages_from_the_oldest_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rejected_events, "_PAGE", 3)
    events = [rejected(str(n), n // 2) for n in range(10)]
    file = RejectedFile(tmp_path, limit_bytes=1024 * 1024)
    await file.open()
    try:
        await file.keep(events)
        found = []
        async for rejected_id in rejected_events.unfinished_oldest_first(file, RecentRejected(ALWAYS, limit=8)):
            found.append(rejected_id)
            await file.keep([rejected(f"again {len(found)}", 1000)])  # comes meanwhile, and is not of this replay
        expected = [
            event.id async for event in rejected_events.every_rejected(file, RecentRejected(ALWAYS, limit=1000))
        ]
    finally:
        await file.close()
    assert len(set(found)) == 8
    assert found == [each for each in reversed(expected) if each in found]
    assert expected[len(found) :][:8] == found[::-1]


def test_rejected_events_are_asked_of_the_pipeline_where_the_services_run_apart(api: Callable[[], list[str]]) -> None:
    _Api.answers = {
        "/api/v1/rejected/search": msgspec.json.encode(RejectedPage([GOOD], None)),
        "/api/v1/rejected/counts": b'{"internal_error":1}',
    }
    apart = {"INTERNAL_TOKEN": "a secret of the services", "INFLUXDB_URL": "http://192.0.2.1:8086"}
    listed = invoke("rejected", "list", **apart)
    assert (GOOD.id in listed.output, listed.exit_code) == (True, 0), listed.output
    replayed = invoke("rejected", "replay", "--all", **apart)
    assert "1 written" in replayed.output
    assert api()[-1] == f"/api/v1/rejected/{GOOD.id}/replay"


def test_rejected_events_are_discarded_only_where_their_file_is(api: Callable[[], list[str]]) -> None:
    ran = invoke("rejected", "discard", GOOD.id, INTERNAL_TOKEN="a secret", INFLUXDB_URL="http://192.0.2.1:8086")
    assert ran.exit_code == 1
    assert api() == []
