"""Where bodies become events."""

from __future__ import annotations

from typing import Any

from ha_ingestor_core.clock import FakeClock
from ha_ingestor_core.events import OriginKind, RawEvent
from ha_ingestor_core.reporting.totals import Totals
from ha_ingestor_core.service_metrics import Counter, ServiceCounters
from msgspec import Raw
from prometheus_client import CollectorRegistry
from websocket_ingestion.spool.intake import Intake


async def test_events_are_stamped_with_their_arrival(intake: Intake, clock: FakeClock) -> None:
    intake.take([Raw(b"1"), Raw(b"2")], OriginKind.LIVE)
    taken = await intake.spool.take(10, 100)
    now = clock.now_ns()
    assert taken.events == [RawEvent(Raw(b"1"), now), RawEvent(Raw(b"2"), now)]


async def test_events_are_counted_once_they_are_durable(
    intake: Intake, counters: ServiceCounters, registry: CollectorRegistry, eventually: Any
) -> None:
    intake.take([Raw(b"1"), Raw(b"2")], OriginKind.LIVE)
    intake.take([Raw(b"3")], OriginKind.SNAPSHOT)
    assert counters.totals[Counter.RECEIVED] == intake.spool.depth == 0
    await eventually(lambda: counters.totals[Counter.RECEIVED])
    assert counters.totals[Counter.RECEIVED] == intake.spool.depth == 3
    name = "ha_ingestor_websocket_ingestion_events_received_total"
    assert registry.get_sample_value(name, {"kind": "live"}) == 2
    assert registry.get_sample_value(name, {"kind": "snapshot"}) == 1


def test_what_was_received_and_is_lost_has_failed(intake: Intake, counters: ServiceCounters) -> None:
    intake.count(Totals(failed=2))
    assert counters.totals[Counter.FAILED] == 2


async def test_the_status_is_unknown_before_the_first_event(intake: Intake) -> None:
    assert intake.status() == {"events_per_minute": 0, "last_event_time": None, "processing_lag_s": None}


async def test_the_status_covers_live_events_only(intake: Intake, clock: FakeClock, eventually: Any) -> None:
    intake.take([Raw(b"1")] * 2, OriginKind.LIVE)
    clock.advance(4)
    intake.take([Raw(b"2")] * 5, OriginKind.SNAPSHOT)
    await eventually(lambda: intake.spool.depth == 7)
    assert intake.status() == {
        "events_per_minute": 2,
        "last_event_time": "2027-01-15T08:00:00.000000+00:00",
        "processing_lag_s": 4,
    }
