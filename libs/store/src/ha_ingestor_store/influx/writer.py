"""The writer and the administrator of the store on InfluxDB, which connect when they are first called."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from ha_ingestor_core.alerts import Alert
from ha_ingestor_core.alive import Alive
from ha_ingestor_core.gaps import Gap
from ha_ingestor_core.service_metrics import ServiceMetricsPoint

from ha_ingestor_store import answers
from ha_ingestor_store.influx.connection import Connection
from ha_ingestor_store.influx.writing.line_protocol import alive_line
from ha_ingestor_store.points import EventPoint, WeatherObservation
from ha_ingestor_store.store import Tally
from ha_ingestor_store.time_range import TimeRange


class InfluxWriter:
    """`StoreWriter` on InfluxDB. All methods raise StoreUnavailableError and StoreRefusedError."""

    def __init__(self, connect: Callable[[], Awaitable[Connection]]) -> None:
        self._connect = connect

    async def write_events(self, points: Sequence[EventPoint], tally: Tally | None = None) -> answers.WriteResult:
        """Write events while this process has the lease; a tally is not kept."""
        return await (await (await self._connect()).tenures.current()).events.write(points)

    async def write_weather(self, observations: Sequence[WeatherObservation]) -> list[answers.RejectedPoint]:
        """Write observations of the weather; those that the server refuses are returned."""
        return await (await self._connect()).weather.write(observations)

    async def kept_from_ns(self) -> int | None:
        """Return the time before which events have expired; None where that is not known."""
        return await (await self._connect()).retention.kept_from_ns()

    async def totals(self, service: str) -> None:
        """Return None: there are no transactions to keep totals in."""

    async def write_service_metrics(self, points: Sequence[ServiceMetricsPoint]) -> None:
        """Write reports of services."""
        await (await self._connect()).reports.write(points)

    async def write_alive(self, signs: Sequence[Alive]) -> None:
        """Write signs of life."""
        connection = await self._connect()
        newest_last = sorted(signs, key=lambda sign: sign.time_ns)  # of two with one key the server keeps the last
        await connection.writer.write(
            connection.database.write_target(rollups=False), list(map(alive_line, newest_last))
        )

    async def write_gaps(self, gaps: Sequence[Gap]) -> None:
        """Write gaps; a later version of one replaces it."""
        await (await self._connect()).gaps.write(gaps)

    async def write_alerts(self, alerts: Sequence[Alert]) -> None:
        """Write alerts; a later version of one replaces it."""
        await (await self._connect()).alerts.write(alerts)


class InfluxAdministrator:
    """`StoreAdministrator` on InfluxDB."""

    def __init__(self, connect: Callable[[], Awaitable[Connection]]) -> None:
        self._connect = connect

    async def expect(self, time_range: TimeRange) -> None:
        """Prepare for many points of this range: its windows are opened, so that no batch waits for that."""
        connection = await self._connect()
        points = (time_range.start_ns, time_range.end_ns)
        await (await connection.tenures.current()).rollups.expect(points)
        connection.reports.expect(points)

    async def roll_up(self) -> None:
        """Bring the rollups up to now, instead of waiting for the next turn."""
        await (await (await self._connect()).tenures.current()).rollups.roll_up()
