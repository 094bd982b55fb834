"""Sign-in: the command line by a file in DATA_DIR, browsers by links and tokens."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from playwright.async_api import expect

from tests.e2e.browser import browser, chromium
from tests.e2e.ingestor import COMMAND, Process
from tests.ports import free_port

START_LIMIT_S = 30.0


class Guarded:
    """`ha-ingestor run all` with a demo home; by default every client needs a token."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.environment = {
            "ADMIN_API_PORT": str(port),
            "DATA_DIR": str(folder / "data"),
            "ADMIN_API_TOKENS": "required",
            **environment,
        }
        self.process = Process("run", "all", folder=folder, **self.environment)

    async def start(self) -> None:
        """Start it, and return when it is announced."""
        await self.process.start()
        async with asyncio.timeout(START_LIMIT_S):
            while "HA Ingestor is running" not in self.process.log.rpartition("stopping")[2]:
                self.process.assert_running()
                await asyncio.sleep(0.05)

    async def command(self, *arguments: str, **environment: str) -> tuple[int, str]:
        """Return exit code and output of a command in the same folder."""
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
        """Return the status of a path."""
        if token:
            headers["Authorization"] = f"Bearer {token}"
        async with aiohttp.ClientSession() as http, http.get(self.url + path, headers=headers) as response:
            return response.status


@pytest.fixture
async def guarded(tmp_path: Path) -> AsyncIterator[Guarded]:
    """A running ingestor that requires tokens."""
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
    assert code == 0, output
    code, output = await guarded.command("filters", "show", DATA_DIR="elsewhere")
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


async def test_no_secret_is_printed_without_a_terminal(guarded: Guarded) -> None:
    assert "ha-ingestor link" in guarded.process.log
    assert "hai_" not in guarded.process.log


@pytest.fixture
async def on_loopback(tmp_path: Path) -> AsyncIterator[Guarded]:
    """A running ingestor with the default settings."""
    ingestor = Guarded(tmp_path, ADMIN_API_TOKENS="auto")
    try:
        await ingestor.start()
        yield ingestor
    finally:
        await ingestor.process.end()


async def test_this_machine_reads_without_a_token_and_changes_nothing(on_loopback: Guarded) -> None:
    async with aiohttp.ClientSession(on_loopback.url) as http:
        for path in ("/api/v1/stats", "/api/v1/events", "/metrics"):
            async with http.get(path) as answer:
                assert answer.status == 200, path
        filters = {"include": {}, "exclude": {"domains": ["light"]}}
        async with http.put("/api/v1/filters", json=filters) as answer:
            assert answer.status == 401
        async with http.post("/api/v1/tokens", json={"name": "x", "scope": "admin"}) as answer:
            assert answer.status == 401


async def test_the_command_line_proves_itself_by_a_file_of_data_dir(on_loopback: Guarded) -> None:
    file = on_loopback.folder / "data" / "command-line-token"
    assert file.stat().st_mode & 0o777 == 0o600
    code, output = await on_loopback.command("filters", "set", "--exclude-domains", "automation")
    assert code == 0, output
    first, address = file.read_text(encoding="ascii").split()
    assert address == on_loopback.url
    assert await on_loopback.status("/api/v1/tokens", first) == 200
    assert await on_loopback.process.end() == 0
    await on_loopback.start()
    second, _ = file.read_text(encoding="ascii").split()
    assert [await on_loopback.status("/api/v1/tokens", each) for each in (first, second)] == [401, 200]
    assert second not in on_loopback.process.log


async def test_a_link_signs_in_once(on_loopback: Guarded) -> None:
    code, output = await on_loopback.command("link", "--url", "http://dashboard.example:3000/")
    assert code == 0, output
    link = output.splitlines()[0]
    assert link.startswith("http://dashboard.example:3000/#sign-in=hai_")
    body = {"token": link.partition("=")[2]}
    async with aiohttp.ClientSession(on_loopback.url) as http:
        for status in (201, 401):
            async with http.post("/api/v1/session", json=body) as answer:
                assert answer.status == status


async def test_a_start_on_a_terminal_prints_a_link(tmp_path: Path) -> None:
    port = free_port()
    ours, theirs = os.openpty()
    environment = {"ADMIN_API_PORT": str(port), "DATA_DIR": str(tmp_path / "data"), "COLUMNS": "200"}
    process = await asyncio.create_subprocess_exec(
        COMMAND,
        "run",
        "all",
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), **environment},
        stdout=theirs,
        stderr=asyncio.subprocess.DEVNULL,
    )
    os.close(theirs)
    try:
        async with asyncio.timeout(START_LIMIT_S):
            said = ""
            while "#sign-in=" not in said or not said.endswith("\n"):
                said += (await asyncio.to_thread(os.read, ours, 4096)).decode()
        token = re.findall(r"#sign-in=(hai_[\w-]+)", said)[0]
        async with (
            aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http,
            http.post("/api/v1/session", json={"token": token}) as answer,
        ):
            assert (await answer.json())["scope"] == "admin"
    finally:
        process.terminate()
        await process.wait()
        os.close(ours)


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
        _, output = await guarded.command("tokens", "create", "me", "--scope", "admin")
        await page.get_by_label("Token").fill(output.splitlines()[-1])
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


@pytest.mark.browser
async def test_a_browser_signs_in_by_a_link(on_loopback: Guarded) -> None:
    _, output = await on_loopback.command("link")
    link = output.splitlines()[0]
    async with browser(chromium()) as b:
        page = await b.new_page()
        await page.goto(on_loopback.url)
        await expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        await page.goto(link)
        await expect(page.get_by_role("button", name="Sign out")).to_be_visible(timeout=START_LIMIT_S * 1000)
        assert "#" not in page.url
        (cookie,) = await page.context.cookies()
        assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
        again = await (await b.new_context()).new_page()
        await again.goto(link)
        await expect(again.get_by_role("alert")).to_contain_text("used")
        await again.get_by_role("button", name="Back").click()
        await expect(again.get_by_text("Healthy").first).to_be_visible()
