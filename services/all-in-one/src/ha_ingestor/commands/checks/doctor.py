"""`ha-ingestor doctor`: checks the store, Home Assistant and access."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
from admin_api.settings import Settings as AdminApiSettings
from ha_ingestor_core.settings.loading import load_settings
from ha_ingestor_store.checkup import Finding, Status
from websocket_ingestion.configured_homes import configured_homes
from websocket_ingestion.settings import Settings as WebsocketIngestionSettings

from ha_ingestor.checkups.access import check_access
from ha_ingestor.checkups.doctor import as_data, as_row, examine, summary
from ha_ingestor.console.invalid_settings import stop_for_invalid_settings
from ha_ingestor.console.output import ExitCode, is_json, out, show
from ha_ingestor.roles import DEMO


def doctor(
    create: Annotated[
        bool,
        typer.Option(help="Create missing buckets in InfluxDB and write a test point; --no-create changes nothing"),
    ] = True,
    demo: Annotated[bool, typer.Option("--demo", help="Check the store of the demo home")] = False,
) -> None:
    """Check the store, Home Assistant and access, with advice for each problem; exit code 4 if there are any."""
    stop_for_invalid_settings()
    if asyncio.run(_examine(create=create, demo=demo)):
        raise typer.Exit(ExitCode.FINDING)


async def _examine(*, create: bool, demo: bool) -> bool:
    """Print each finding immediately; return whether there is a problem."""
    settings = load_settings(WebsocketIngestionSettings)
    store = settings.store.for_demo(DEMO) if demo else settings.store
    findings: list[Finding] = []
    homes = configured_homes(settings.home_assistant, settings.homes)
    is_alone = settings.service.internal_token is not None and store.influxdb_url is not None
    async for finding in examine(store, homes, create=create, is_alone=is_alone):
        findings.append(finding)
        if not is_json():
            out.print(as_row(finding))
    findings.append(check_access(load_settings(AdminApiSettings)))
    show({"findings": list(map(as_data, findings))}, as_row(findings[-1]), f"\n{summary(findings)}")
    return any(finding.status is Status.PROBLEM for finding in findings)
