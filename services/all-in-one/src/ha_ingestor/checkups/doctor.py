"""The checks of `ha-ingestor doctor`: the store and Home Assistant, with advice for each problem."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from ha_ingestor_core.clock import Clock, SystemClock
from ha_ingestor_core.redaction import without_secrets
from ha_ingestor_store.checkup import Finding, Status, good
from ha_ingestor_store.embedded.checkup import check_embedded, verify_embedded
from ha_ingestor_store.influx.checkup import check_influxdb
from ha_ingestor_store.influx.verification import verify_influxdb
from ha_ingestor_store.settings import StoreSettings
from rich.table import Table
from rich.text import Text
from websocket_ingestion.connection.capture import Home

from ha_ingestor.checkups.home_assistant import check_homes

_MARKS = {
    Status.GOOD: ("✓", "green"),
    Status.NOTE: ("!", "yellow"),
    Status.PROBLEM: ("✗", "red"),
    Status.SKIPPED: ("-", "dim"),
}
_NAME_WIDTH = 14


async def examine(
    store: StoreSettings, homes: Sequence[Home], *, create: bool, is_alone: bool = False, clock: Clock | None = None
) -> AsyncIterator[Finding]:
    """Yield findings as they are made; without `create` nothing is created in the store. Raises no error.

    `is_alone`: the services run separately, and this is one of them.
    """
    clock = clock or SystemClock()
    if store.influxdb_url is None:
        yield good("store", "embedded (INFLUXDB_URL is not set)")
        findings = check_embedded(store.data_dir, create=create)
    else:
        yield good("store", f"InfluxDB at {store.influxdb_url}, {store.influxdb_bucket}")
        findings = check_influxdb(store.influx(), clock=clock, create=create)
    async for finding in findings:
        yield finding
    async for finding in check_homes(homes, data_dir=store.data_dir, clock=clock, is_alone=is_alone):
        yield finding


async def verify(store: StoreSettings, *, clock: Clock | None = None) -> AsyncIterator[Finding]:
    """Yield each finding about the stored data; nothing is changed, and no error is raised."""
    findings = (
        verify_embedded(store.data_dir)
        if store.influxdb_url is None
        else verify_influxdb(store.influx(), clock=clock or SystemClock())
    )
    async for finding in findings:
        yield finding


def as_row(finding: Finding) -> Table:
    """Format a finding for a terminal: symbol, name, message, and advice on the next line."""
    mark, style = _MARKS[finding.status]
    text = Text(without_secrets(finding.message), style="dim" if finding.status is Status.SKIPPED else "")
    if finding.advice:
        text.append(f"\n→ {without_secrets(finding.advice)}", style=style)
    row = Table.grid(padding=(0, 2, 0, 0))
    row.add_column(width=1)
    row.add_column(width=_NAME_WIDTH)
    row.add_column(overflow="fold")
    row.add_row(Text(mark, style=style), Text(finding.name, style="bold"), text)
    return row


def as_data(finding: Finding) -> dict[str, str | None]:
    """Format a finding as JSON-ready values."""
    texts = (finding.message, finding.advice)
    message, advice = (without_secrets(text) if text else None for text in texts)
    return {"status": finding.status, "name": finding.name, "message": message, "advice": advice}


def summary(findings: list[Finding]) -> str:
    """Summarize findings in one line."""
    problems = sum(finding.status is Status.PROBLEM for finding in findings)
    notes = sum(finding.status is Status.NOTE for finding in findings)
    found = [f"{_counted(problems, 'problem')} found" if problems else "No problems found"]
    return ", ".join([*found, *([_counted(notes, "note")] if notes else [])]) + "."


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
