"""Writes service_metrics, by whichever process they are reported; a report of an hour that is over counts it anew."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import structlog
from ha_ingestor_core.clock import NS_PER_S, Clock
from ha_ingestor_core.service_metrics import ServiceMetricsPoint

from ha_ingestor_store.influx.database import Database
from ha_ingestor_store.influx.rollups.known_progress import stored_progress
from ha_ingestor_store.influx.rollups.ledger import IN_DOUBT_S
from ha_ingestor_store.influx.rollups.progress import Range
from ha_ingestor_store.influx.rollups.recount import Recount
from ha_ingestor_store.influx.writing.batch_writer import BatchWriter, always
from ha_ingestor_store.influx.writing.line_protocol import service_metrics_line
from ha_ingestor_store.time_range import HOUR_NS

_EARLY_NS = 30 * NS_PER_S
"""An hour counts as over so long before its end: the clock of who closes it may be ahead of ours."""

Hour = tuple[str, str, int]
"""Service, instance, and when an hour began."""

_log = structlog.get_logger()


class ReportsWriter:
    """Writes reports; raises StoreUnavailableError and StoreRefusedError, and a repeat is harmless."""

    def __init__(self, database: Database, writer: BatchWriter, *, clock: Clock) -> None:
        self._database = database
        self._writer = writer
        self._clock = clock
        self._recount = Recount(database, writer)
        self._in_doubt: list[tuple[float, Hour]] = []
        self._expected: list[Range] = []

    def expect(self, points: Range) -> None:
        """Leave the hours of a range, which are open, to the `roll_up` that follows in this process."""
        self._expected.append(points)

    async def write(self, points: Sequence[ServiceMetricsPoint]) -> None:
        """Write the reports, and then the hours of those that are late."""
        if not points:
            return
        lines = [line for line in map(service_metrics_line, points) if line is not None]
        refused = await self._writer.write(self._database.write_target(rollups=False), lines, may_repeat=always)
        if refused:  # they will never be taken: to keep them would hold back all that come after
            _log.error("service_metrics_refused", reports=len(refused), reason=refused[0].message)
        late = await self._late({(each.service, each.instance, each.time_ns // HOUR_NS * HOUR_NS) for each in points})
        now = self._clock.monotonic()
        again = {hour for until, hour in self._in_doubt if until <= now}
        self._in_doubt = [each for each in self._in_doubt if each[0] > now]
        for hour in sorted({*late, *again}):
            try:
                await self._recount.instance(*hour)
            except BaseException:  # this count may arrive later, over a newer one
                self._in_doubt.append((self._clock.monotonic() + IN_DOUBT_S, hour))
                raise

    async def _late(self, hours: Iterable[Hour]) -> list[Hour]:
        """Those that are over, or that the rollups say are closed: asked after the writing, so that none is missed."""
        closed = stored_progress(await self._database.progress()).services.get(HOUR_NS)
        over_ns = self._clock.now_ns() + _EARLY_NS
        if closed is not None:
            over_ns = max(over_ns, closed.until_ns)
        return [hour for hour in hours if hour[2] + HOUR_NS <= over_ns and not self._is_expected(hour[2])]

    def _is_expected(self, hour_ns: int) -> bool:
        return any(start_ns <= hour_ns and hour_ns + HOUR_NS <= end_ns for start_ns, end_ns in self._expected)
