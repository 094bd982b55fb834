"""A token that is revoked, replaced or lacks rights, on a real Home Assistant that bans addresses."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.e2e.ingestor import COMMAND, Ingestor
from tests.e2e.real_home_assistant import RealHomeAssistant, Release, running_home_assistant

pytestmark = pytest.mark.home_assistant


@pytest.fixture(scope="module")
def banning(release: Release) -> Iterator[RealHomeAssistant]:
    """A Home Assistant that bans an address at the third refused login, shared by the tests of this module."""
    with asyncio.Runner() as runner:
        context = running_home_assistant(release, {"ip_ban_enabled": True, "login_attempts_threshold": 3})
        running = runner.run(context.__aenter__())
        try:
            yield running
        finally:
            runner.run(context.__aexit__(None, None, None))


@pytest.fixture(scope="module")
def token_without_rights(banning: RealHomeAssistant) -> str:
    """Return the token of a user without administrator rights."""
    return asyncio.run(banning.user_token())


async def command(folder: Path, *arguments: str, given: str = "") -> tuple[int, str]:
    """Return exit code and output of `ha-ingestor` in the folder of the ingestor."""
    pipe = asyncio.subprocess.PIPE
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "TERM": "dumb", "COLUMNS": "250"}
    process = await asyncio.create_subprocess_exec(
        COMMAND, *arguments, cwd=folder, env=environment, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await process.communicate(given.encode())
    return process.returncode or 0, output.decode()


async def connection(ingestor: Ingestor) -> Any:
    return (await ingestor.api.get("/api/v1/health"))["ingestion_service"]["websocket_connection"]


async def is_banned(home_assistant: RealHomeAssistant) -> bool:
    async with aiohttp.ClientSession() as http, http.get(f"{home_assistant.url}/manifest.json") as answer:
        return answer.status == 403


async def test_init_tries_a_token_and_says_which_rights_it_lacks(
    banning: RealHomeAssistant, token_without_rights: str, tmp_path: Path
) -> None:
    code, said = await command(tmp_path, "init", "--url", banning.url, given="wrong")
    assert (code, (tmp_path / ".env").exists()) == (1, False), said
    assert "auth_invalid: Home Assistant refused the token" in said
    token = token_without_rights
    code, said = await command(tmp_path, "init", "--url", f"{banning.url}/lovelace/0", given=token)
    assert code == 0, said
    assert "not an administrator's token" in said
    assert (tmp_path / ".env").read_text() == f"HA_URL={banning.url}\nHA_TOKEN={token}\n"
    code, said = await command(tmp_path, "init", "--overwrite", "--url", banning.url, given=banning.token)
    assert code == 0, said
    assert "administrator" not in said
    assert not await is_banned(banning)


async def test_a_token_without_rights_degrades_and_is_named(
    banning: RealHomeAssistant, token_without_rights: str, tmp_path: Path
) -> None:
    token = token_without_rights
    (tmp_path / ".env").write_text(f"HA_URL={banning.url}\nHA_TOKEN={token}\nDATA_DIR={tmp_path / 'data'}\n")
    async with Ingestor(tmp_path) as ingestor:
        health = await ingestor.api.get("/api/v1/health")
        assert health["overall_status"] == "degraded"
        received = health["ingestion_service"]["websocket_connection"]["event_types"]
        assert {"state_changed", "entity_registry_updated", "service_registered"} <= set(received)
        await banning.set_state("sensor.seen", "1")
        await ingestor.api.eventually(lambda: ingestor.api.events(entity_id="sensor.seen"), bool)
        _, said = await command(tmp_path, "doctor", "--no-create")
    assert "not an administrator's token; it receives only state_changed" in said


async def test_a_revoked_token_is_replaced_without_a_restart_and_without_a_ban(
    banning: RealHomeAssistant, tmp_path: Path
) -> None:
    revoked = await banning.new_token("ours")
    (tmp_path / ".env").write_text(f"HA_URL={banning.url}\nHA_TOKEN={revoked}\nDATA_DIR={tmp_path / 'data'}\n")
    refusals = tmp_path / "data" / "refused-tokens" / "home.json"
    async with Ingestor(tmp_path) as ingestor:
        await banning.set_state("sensor.before", "1")
        await ingestor.api.eventually(lambda: ingestor.api.events(entity_id="sensor.before"), bool)
        await banning.revoke_token("ours")
        await ingestor.api.eventually(lambda: connection(ingestor), lambda it: it["state"] == "auth_invalid")
        alerts = await ingestor.api.eventually(
            lambda: ingestor.api.get("/api/v1/stats/alerts"),
            lambda answer: [each for each in answer["alerts"] if each["rule"] == "token_refused"],
            within_s=60,
        )
        (alert,) = [each for each in alerts["alerts"] if each["rule"] == "token_refused"]
        assert alert["service"] == "home"
        assert "HA_TOKEN" in alert["message"]
        await banning.set_state("sensor.missed", "2")

        async def tries() -> int:
            return int(json.loads(refusals.read_text())["refusals"])

        await ingestor.api.eventually(tries, lambda count: count == 2, within_s=90)
        for _ in range(2):
            code, said = await command(tmp_path, "doctor", "--no-create")
            assert code == 4
            assert "was not tried again" in said
            assert "ha-ingestor token set" in said
        assert not await is_banned(banning)
        assert not (banning.folder / "ip_bans.yaml").exists()

        code, said = await command(tmp_path, "token", "set", given=await banning.new_token("another"))
        assert code == 0, said
        await ingestor.api.eventually(lambda: connection(ingestor), lambda it: it["is_connected"])
        (missed,) = await ingestor.api.eventually(lambda: ingestor.api.events(entity_id="sensor.missed"), bool)
        assert missed["state"] == "2"
        gaps = await ingestor.api.eventually(
            lambda: ingestor.api.get("/api/v1/gaps"),
            lambda answer: answer["gaps"] and all(gap["status"] == "closed" for gap in answer["gaps"]),
            within_s=60,
        )
        assert gaps["gaps"]
        cleared = lambda answer: all(each["rule"] != "token_refused" for each in answer["alerts"])  # noqa: E731
        await ingestor.api.eventually(lambda: ingestor.api.get("/api/v1/stats/alerts"), cleared, within_s=60)


async def test_a_banned_address_is_forbidden_and_no_better_than_a_refused_token(
    banning: RealHomeAssistant, tmp_path: Path
) -> None:
    async with aiohttp.ClientSession(headers={"Authorization": "Bearer wrong"}) as http:
        for _ in range(3):
            async with http.get(f"{banning.url}/api/") as answer:
                assert answer.status in (401, 403)
    assert await is_banned(banning)
    (tmp_path / ".env").write_text(f"HA_URL={banning.url}\nHA_TOKEN={banning.token}\nDATA_DIR={tmp_path / 'data'}\n")
    ingestor = Ingestor(tmp_path)
    await ingestor.process.start()
    try:
        await ingestor.api.eventually(lambda: connection(ingestor), lambda it: it["state"] == "forbidden")
        health = await ingestor.api.get("/api/v1/health")
        assert health["overall_status"] == "unhealthy"
        _, said = await command(tmp_path, "doctor", "--no-create")
        assert "ip_bans.yaml" in said
    finally:
        await ingestor.process.end()
        await ingestor.api.close()
