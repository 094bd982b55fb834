"""An ingestor that everybody can reach: the set-up token, commands and a browser with tokens of their own."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from playwright.async_api import expect

from tests.e2e.browser import browser, chromium
from tests.e2e.ingestor import COMMAND, Process, free_port

START_LIMIT_S = 30.0


class Guarded:
    """`ha-ingestor run all` with a demo home, that asks everybody for a token."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.environment = {
            "ADMIN_API_PORT": str(port),
            "DATA_DIR": str(folder / "data"),
            "ADMIN_API_TOKENS": "required",
        }
        self.process = Process("run", "all", folder=folder, **self.environment)

    async def start(self) -> None:
        """Start it, and return when its announcement is there."""
        await self.process.start()
        async with asyncio.timeout(START_LIMIT_S):
            while "HA Ingestor runs" not in self.process.log.rpartition("stopping")[2]:
                self.process.assert_running()
                await asyncio.sleep(0.05)

    @property
    def setup_token(self) -> str:
        """The one that was printed last."""
        found: list[str] = re.findall(r"hai_[\w-]+", self.process.log)
        return found[-1]

    async def command(self, *arguments: str, **environment: str) -> tuple[int, str]:
        """(exit code, output) of a command in the same folder."""
        process = await asyncio.create_subprocess_exec(
            COMMAND,
            *arguments,
            cwd=self.folder,
            env={"PATH": "/usr/bin:/bin", "HOME": str(self.folder), **self.environment, **environment},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        return process.returncode or 0, output.decode()

    async def status(self, path: str, token: str | None = None, **headers: str) -> int:
        """The status that a path is answered with."""
        if token:
            headers["Authorization"] = f"Bearer {token}"
        async with aiohttp.ClientSession() as http, http.get(self.url + path, headers=headers) as response:
            return response.status


@pytest.fixture
async def guarded(tmp_path: Path) -> AsyncIterator[Guarded]:
    """One that runs."""
    ingestor = Guarded(tmp_path)
    try:
        await ingestor.start()
        yield ingestor
    finally:
        await ingestor.process.end()


async def test_commands_make_use_and_revoke_tokens(guarded: Guarded) -> None:
    assert await guarded.status("/api/v1/stats") == 401
    assert await guarded.status("/metrics") == 401
    assert await guarded.status("/api/v1/health/live") == 200
    assert await guarded.status("/api/v1/stats", Host="evil.example") == 421
    code, output = await guarded.command("filters", "show")
    assert code == 1
    assert "token" in output

    code, output = await guarded.command("tokens", "create", "operator", "--scope", "operate", "--expires", "1d")
    token = output.splitlines()[-1]
    assert (code, token[:4]) == (0, "hai_")
    code, output = await guarded.command("filters", "set", "--exclude-domains", "automation", ADMIN_API_TOKEN=token)
    assert code == 0, output
    assert await guarded.status("/metrics", token) == 200
    assert await guarded.status("/api/v1/audit", token) == 403

    _, listed = await guarded.command("tokens", "list")
    (row,) = [line for line in listed.splitlines() if "operator" in line]
    assert token not in listed
    code, _ = await guarded.command("tokens", "revoke", row.split()[0])
    assert code == 0
    await asyncio.sleep(1.5)
    assert await guarded.status("/api/v1/stats", token) == 401

    audit = (guarded.folder / "data" / "audit.jsonl").read_text(encoding="utf-8")
    for action in ("tokens create", "PUT /api/v1/filters", "tokens revoke"):
        assert action in audit
    assert token not in audit + guarded.process.log


async def test_set_up_token_is_printed_until_somebody_can_get_in(guarded: Guarded) -> None:
    first = guarded.setup_token
    async with (
        aiohttp.ClientSession() as http,
        http.post(
            f"{guarded.url}/api/v1/tokens",
            json={"name": "me", "scope": "admin"},
            headers={"Authorization": f"Bearer {first}"},
        ) as made,
    ):
        token = (await made.json())["token"]
    assert await guarded.status("/api/v1/tokens", first) == 401
    assert await guarded.process.end() == 0
    await guarded.start()
    assert guarded.setup_token == first  # no other was printed
    assert await guarded.status("/api/v1/tokens", token) == 200


@pytest.mark.browser
async def test_a_browser_signs_in_listens_and_signs_out(guarded: Guarded) -> None:
    async with browser(chromium()) as b:
        page = await b.new_page()
        complaints: list[str] = []

        def note(message: Any) -> None:
            if message.type == "error" and "401" not in message.text:
                complaints.append(message.text)

        page.on("console", note)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(guarded.url)
        await page.get_by_label("Token").fill("hai_wrong")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_contain_text("unknown")
        await page.get_by_label("Token").fill(guarded.setup_token)
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_text("Healthy").first).to_be_visible(timeout=START_LIMIT_S * 1000)
        await expect(page.get_by_text("Live").first).to_be_visible()
        (cookie,) = await page.context.cookies()
        assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
        assert await page.evaluate("document.cookie") == ""
        await page.reload()
        await expect(page.get_by_text("Healthy").first).to_be_visible()
        await page.get_by_role("button", name="Sign out").click()
        await expect(page.get_by_label("Token")).to_be_visible()
        await page.reload()
        await expect(page.get_by_label("Token")).to_be_visible()
        assert complaints == []
