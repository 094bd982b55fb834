"""Several homes in one service."""

from __future__ import annotations

import asyncio
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
import pytest
from ha_ingestor_core.calls.backfill import BackfillProgress, BackfillRunningError
from ha_ingestor_core.clock import FakeClock
from ha_ingestor_core.gaps import Gap, GapReason
from ha_ingestor_core.logging.log_ring import LogRing
from ha_ingestor_core.reporting import service_info
from ha_ingestor_core.reporting.report_memory import Reports
from ha_ingestor_core.reporting.transfer_rate import TransferRate
from ha_ingestor_core.service_metrics import ServiceMetricsPoint
from websocket_ingestion.service import WebsocketIngestion


class FakeHome:
    """A home with the status and health that a test sets."""

    def __init__(self, name: str, *, status: str = "healthy", received: int = 0) -> None:
        self.name = name
        self.received = received
        self.well = status
        self.said: list[str] = []
        self.stopping = asyncio.Event()
        self.others: list[FakeHome] = []
        self.backfill: BackfillProgress | None = None

    def backfilled(self, percent: float, *, closed_ns: int | None = None) -> None:
        assert self.backfill is not None
        gap = msgspec.structs.replace(self.backfill.gap, closed_ns=closed_ns)
        self.backfill = BackfillProgress(gap, percent)

    async def start(self) -> None:
        self.said.append("start")

    async def stop(self) -> None:
        self.stopping.set()
        for other in self.others:
            await other.stopping.wait()
        self.said.append("stop")

    def status(self) -> dict[str, Any]:
        return {
            "home": self.name,
            "counters": {"events_received": self.received},
            "totals": {"received": self.received, "queued": 2},
            "queue_depth": 2,
            "queue_bytes": 10,
            "is_running": True,
            "websocket_connection": self.name,
        }

    def transfer_rates(self) -> dict[str, TransferRate]:
        delivered = TransferRate(FakeClock())
        delivered.add(self.received, 0.004)
        return {"enrichment-pipeline": delivered, "store": TransferRate(FakeClock())}

    async def deliver_now(self, within_s: float) -> None:
        self.said.append("deliver")
        await asyncio.sleep(0)

    def health(self) -> dict[str, Any]:
        return {"status": self.well, "reasons": []}

    async def reports(self, start_ns: int) -> Reports:
        def point(time_ns: int) -> ServiceMetricsPoint:
            return ServiceMetricsPoint("s", time_ns, self.name, {"events_received": self.received})

        return Reports("s", self.received, [point(self.received), point(10 + self.received)], [point(99)])

    async def begin_backfill(self, start_ns: int, end_ns: int) -> BackfillProgress:
        gap = Gap(home=self.name, start_ns=start_ns, end_ns=end_ns, reason=GapReason.REQUESTED, found_ns=1)
        self.backfill = BackfillProgress(gap, 0.0)
        return self.backfill

    async def backfill_progress(self) -> BackfillProgress | None:
        return self.backfill


def service_over(*homes: FakeHome) -> WebsocketIngestion:
    return WebsocketIngestion(homes, instance="here", clock=FakeClock(), data_dir=Path("nowhere"))


@pytest.mark.parametrize(("first", "second", "told"), [("healthy", "healthy", "a"), ("healthy", "degraded", "b")])
async def test_the_status_lists_the_homes_and_shows_the_first_that_is_not_well(
    first: str, second: str, told: str
) -> None:
    homes = (FakeHome("a", status=first, received=1), FakeHome("b", status=second, received=2))
    status = await service_over(*homes).status()
    assert [each["home"] for each in status["homes"]] == ["a", "b"]
    assert (status["home"], status["websocket_connection"]) == (told, told)
    assert (status["queue_depth"], status["queue_bytes"], status["counters"]["events_received"]) == (4, 20, 3)
    assert status["totals"] == {"received": 3, "queued": 4}
    assert (status["service"], status["instance"]) == ("websocket-ingestion", "here")


async def test_the_status_has_the_release_the_log_and_the_transfers_of_all_homes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(service_info, "RECENT", LogRing())  # that of the process has the lines of other tests
    status = await service_over(FakeHome("a", received=1), FakeHome("b", received=2)).status()
    assert (status["version"], status["logs"]) == (version("ha-ingestor"), [])
    assert status["transfers"] == {
        "enrichment-pipeline": {"per_minute": 3.0, "latency_p50_ms": 4.0, "latency_p95_ms": 4.0},
        "store": {"per_minute": 0.0, "latency_p50_ms": None, "latency_p95_ms": None},
    }


async def test_one_home_that_is_not_well_degrades_the_service() -> None:
    health = service_over(FakeHome("a"), FakeHome("b", status="degraded")).health()
    assert health["status"] == "degraded"
    assert health["homes"]["a"]["status"] == "healthy"


async def test_homes_stop_at_once_and_not_one_after_another() -> None:
    one, other = FakeHome("a"), FakeHome("b")
    one.others, other.others = [other], [one]
    service = service_over(one, other)
    await service.start()
    async with asyncio.timeout(5):
        await service.stop()
    assert one.said == other.said == ["start", "stop"]


async def test_a_home_that_fails_to_stop_cuts_no_other_off() -> None:
    class Failing(FakeHome):
        async def stop(self) -> None:
            raise OSError(5, "Input/output error")

    class Slow(FakeHome):
        async def stop(self) -> None:
            for _ in range(10):  # as while it writes what is in memory
                await asyncio.sleep(0)
            await super().stop()

    slow = Slow("b")
    with pytest.raises(OSError, match="Input/output"):
        await service_over(Failing("a"), slow).stop()
    assert slow.said == ["stop"]


async def test_a_backfill_is_one_of_every_home_and_as_far_as_the_one_behind() -> None:
    one, other = FakeHome("a"), FakeHome("b")
    service = service_over(one, other)
    assert await service.backfill_progress() is None
    await service.begin_backfill(1, 2)
    one.backfilled(100, closed_ns=9)
    other.backfilled(40)
    progress = await service.backfill_progress()
    assert progress is not None
    assert (progress.gap.home, progress.done_percent, progress.gap.closed_ns) == ("b", 40, None)
    with pytest.raises(BackfillRunningError, match="A backfill of b is already running"):
        await service.begin_backfill(3, 4)
    other.backfilled(100, closed_ns=10)
    assert (await service.begin_backfill(3, 4)).gap.start_ns == 3


async def test_the_reports_of_the_homes_are_in_order_from_when_all_are_in_memory() -> None:
    told = await service_over(FakeHome("a", received=1), FakeHome("b", received=2)).reports(0)
    assert [(point.time_ns, point.instance) for point in told.points] == [(1, "a"), (2, "b"), (11, "a"), (12, "b")]
    assert [point.instance for point in told.unreported] == ["a", "b"]
    assert told.since_ns == 2


async def test_concurrent_requests_share_a_delivery_and_the_next_is_half_a_second_later(clock: FakeClock) -> None:
    home = FakeHome("home")
    service = WebsocketIngestion([home], instance="one", clock=clock, data_dir=Path("nowhere"))
    await asyncio.gather(*(service.deliver_now() for _ in range(10)))
    await service.deliver_now()
    assert home.said == ["deliver"]
    clock.advance(0.5)
    await service.deliver_now()
    assert home.said == ["deliver"] * 2
