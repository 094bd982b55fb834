"""The status and the reports of a service in another process, over HTTP."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from aiohttp import web

from ha_ingestor_core.errors import (
    InvalidInputError,
    ServiceUnavailableError,
)
from ha_ingestor_core.http.client import InternalClient
from ha_ingestor_core.http.service_app import json_response
from ha_ingestor_core.reporting.report_memory import Reports, ServiceReports

_NANOSECONDS = re.compile(r"-?[0-9]{1,20}", re.ASCII)


class RemoteStatus:
    """`ServiceStatus` of a service in another process."""

    def __init__(self, client: InternalClient) -> None:
        self._client = client

    async def status(self) -> dict[str, Any]:
        """Return the response of /stats; raises ServiceUnavailableError and ServiceRefusedError."""
        content = await self._client.get("/stats")
        try:
            return msgspec.json.decode(content, type=dict[str, Any])
        except msgspec.MsgspecError as err:
            raise ServiceUnavailableError(f"Unexpected response of /stats: {err}") from err


def add_reports_route(app: web.Application, reports: ServiceReports) -> None:
    """Serve the reports that a service holds in memory: `GET /stats/reports?start_ns=`."""

    async def get_reports(request: web.Request) -> web.Response:
        given = request.query.get("start_ns", "0")
        if not _NANOSECONDS.fullmatch(given):
            expected = "nanoseconds since 1970 in ASCII digits"
            raise InvalidInputError(f"start_ns must be {expected}", field="start_ns", expected=expected)
        response = json_response(await reports.reports(int(given)))
        response.enable_compression()
        return response

    app.router.add_get("/stats/reports", get_reports)


class RemoteReports:
    """`ServiceReports` of a service in another process; raises the errors of `InternalClient`."""

    def __init__(self, client: InternalClient) -> None:
        self._client = client

    async def reports(self, start_ns: int) -> Reports:
        """Return the reports since `start_ns`, as far as the service holds them."""
        content = await self._client.get(f"/stats/reports?start_ns={max(0, start_ns)}")
        try:
            return msgspec.json.decode(content, type=Reports)
        except msgspec.MsgspecError as err:
            raise ServiceUnavailableError(f"Unexpected response of /stats/reports: {err}") from err
