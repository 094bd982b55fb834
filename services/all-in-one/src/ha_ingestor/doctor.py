"""`ha-ingestor doctor`: checks the store and Home Assistant, and says what to do about each problem."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from http import HTTPStatus

import aiohttp
from ha_ingestor_core.clock import SystemClock
from ha_ingestor_core.settings import HomeAssistantSettings
from ha_ingestor_store.checkup import Finding, Status, good, note, problem
from ha_ingestor_store.embedded.checkup import check_embedded
from ha_ingestor_store.factory import DIALECTS
from ha_ingestor_store.influx.checkup import check_influxdb
from ha_ingestor_store.settings import StoreSettings
from rich.markup import escape

_TIMEOUT = aiohttp.ClientTimeout(total=10)
_MARKS = {
    Status.GOOD: "[green]✓[/green]",
    Status.NOTE: "[yellow]![/yellow]",
    Status.PROBLEM: "[red]✗[/red]",
    Status.SKIPPED: "[dim]-[/dim]",
}


async def examine(
    store: StoreSettings, home_assistant: HomeAssistantSettings, *, create: bool
) -> AsyncIterator[Finding]:
    """Every finding as it is made."""
    if store.influxdb_url is None:
        yield good("store", "the embedded store (INFLUXDB_URL is not set)")
        for finding in await asyncio.to_thread(check_embedded, store.data_dir):
            yield finding
    else:
        async for finding in check_influxdb(store.influx(), DIALECTS, clock=SystemClock(), create=create):
            yield finding
    yield await _home_assistant(home_assistant)


def as_lines(finding: Finding) -> list[str]:
    """A finding for a terminal: what was found, and below it what to do."""
    lines = [f"{_MARKS[finding.status]} [b]{finding.name}[/b]  {escape(finding.message)}"]
    return [*lines, f"    {escape(finding.advice)}"] if finding.advice else lines


async def _home_assistant(settings: HomeAssistantSettings) -> Finding:
    name = "Home Assistant"
    if settings.url is None or settings.token is None:
        return note(name, "HA_URL and HA_TOKEN are not set: a demo home is shown", "set both in .env")
    headers = {"Authorization": f"Bearer {settings.token.get_secret_value()}"}
    try:
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT, headers=headers) as session,
            session.get(f"{settings.url}/api/config") as answer,
        ):
            status = answer.status
    except (aiohttp.ClientError, TimeoutError) as err:
        reason = str(err) or "no answer within 10 s"
        return problem(name, f"{settings.url} did not answer: {reason}", "HA_URL should be its address")
    if status == HTTPStatus.OK:
        return good(name, f"{settings.url} knows the token")
    if status == HTTPStatus.UNAUTHORIZED:
        return problem(name, "the token is refused", "make a long-lived access token and set it as HA_TOKEN")
    return problem(name, f"{settings.url}/api/config answered {status}", "HA_URL should be Home Assistant's address")
