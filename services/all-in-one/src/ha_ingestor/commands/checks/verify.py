"""`ha-ingestor verify`: checks that the stored data is complete."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
from ha_ingestor_core.settings.loading import load_settings
from ha_ingestor_store.checkup import Finding, Status
from websocket_ingestion.settings import Settings as WebsocketIngestionSettings

from ha_ingestor.checkups.doctor import as_data, as_row, summary
from ha_ingestor.checkups.doctor import verify as verified
from ha_ingestor.console.invalid_settings import stop_for_invalid_settings
from ha_ingestor.console.output import ExitCode, is_json, out, show
from ha_ingestor.roles import DEMO


def verify(
    demo: Annotated[bool, typer.Option("--demo", help="Verify the demo home's store")] = False,
) -> None:
    """Check that the names, units and areas that stored events refer to are complete; exit 4 if some are missing.

    Nothing is changed. On InfluxDB all events are read.
    """
    stop_for_invalid_settings()
    if asyncio.run(_verify(demo=demo)):
        raise typer.Exit(ExitCode.FINDING)


async def _verify(*, demo: bool) -> bool:
    """Print each finding; return whether there is a problem."""
    settings = load_settings(WebsocketIngestionSettings)
    findings: list[Finding] = []
    async for finding in verified(settings.store.for_demo(DEMO) if demo else settings.store):
        findings.append(finding)
        if not is_json():
            out.print(as_row(finding))
    show({"findings": list(map(as_data, findings))}, summary(findings))
    return any(finding.status is Status.PROBLEM for finding in findings)
