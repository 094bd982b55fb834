"""The forwarder: batches out of the spool, counted and acknowledged; what stopping does with the rest."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from ha_ingestor_core.clock import FakeClock
from ha_ingestor_core.delivery import Receipt, Rejection
from ha_ingestor_core.errors import StoreUnavailableError
from ha_ingestor_core.events import OriginKind, Registries
from ha_ingestor_core.service_metrics import Counter, ServiceCounters
from msgspec import Raw
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs
from websocket_ingestion.delivery.batch_sender import BatchSender, DeliveryBackoff
from websocket_ingestion.delivery.forwarder import Forwarder, ForwardingLimits
from websocket_ingestion.metrics import IngestionMetrics
from websocket_ingestion.spool.intake import Intake
from websocket_ingestion.spool.spool import Spool

REGISTRIES = Registries(home="home", version="v1")


@pytest.fixture
async def build(
    delivery: Any, spool: Spool, counters: ServiceCounters, clock: FakeClock, metrics: IngestionMetrics
) -> AsyncIterator[Any]:
    built: list[Forwarder] = []

    async def build_forwarder(batch_size: int = 4, gather_s: float = 0.0) -> Forwarder:
        backoff = DeliveryBackoff(first_s=0.001, longest_s=0.001)
        sender = BatchSender(home="home", delivery=delivery, clock=clock, metrics=metrics, backoff=backoff)
        forwarder = Forwarder(
            spool=spool,
            sender=sender,
            counters=counters,
            clock=clock,
            metrics=metrics,
            limits=ForwardingLimits(batch_size=batch_size, gather_s=gather_s),
        )
        built.append(forwarder)
        await forwarder.start()
        return forwarder

    yield build_forwarder
    for forwarder in built:
        await forwarder.stop(drain_s=0)


def bodies(count: int) -> list[Raw]:
    return [Raw(b'{"n":%d}' % n) for n in range(count)]


async def test_everything_is_delivered_in_order_in_batches(build: Any, intake: Intake, delivery: Any) -> None:
    forwarder = await build()
    forwarder.use_registries(REGISTRIES)
    intake.take(bodies(9), OriginKind.LIVE)
    await intake.spool.wait_until_empty()
    assert [len(batch.events) for batch in delivery.delivered] == [4, 4, 1]
    assert delivery.events == [{"n": n} for n in range(9)]


async def test_events_wait_for_the_registries_so_that_they_get_their_names(
    build: Any, intake: Intake, delivery: Any
) -> None:
    forwarder = await build()
    intake.take(bodies(1), OriginKind.LIVE)
    await asyncio.sleep(0.01)
    assert delivery.attempts == []
    forwarder.use_registries(REGISTRIES)
    await intake.spool.wait_until_empty()
    assert delivery.delivered[0].registry_version == "v1"


async def test_events_do_not_wait_for_registries_that_will_not_come(build: Any, intake: Intake, delivery: Any) -> None:
    forwarder = await build()
    forwarder.use_registries(None)
    intake.take(bodies(1), OriginKind.LIVE)
    await intake.spool.wait_until_empty()
    assert delivery.delivered[0].registry_version is None


async def test_the_last_known_registries_stay_in_use_without_a_connection(
    build: Any, intake: Intake, delivery: Any
) -> None:
    forwarder = await build()
    forwarder.use_registries(REGISTRIES)
    forwarder.use_registries(None)
    intake.take(bodies(1), OriginKind.LIVE)
    await intake.spool.wait_until_empty()
    assert delivery.delivered[0].registry_version == "v1"


async def test_the_next_batch_gathers_while_one_is_on_its_way(
    build: Any, intake: Intake, delivery: Any, eventually: Any
) -> None:
    forwarder = await build()
    forwarder.use_registries(None)
    delivery.may_deliver.clear()
    intake.take(bodies(1), OriginKind.LIVE)
    await eventually(lambda: delivery.attempts)
    for _ in range(3):
        intake.take(bodies(1), OriginKind.LIVE)
    delivery.may_deliver.set()
    await intake.spool.wait_until_empty()
    assert [len(batch.events) for batch in delivery.delivered] == [1, 3]


async def test_where_more_waits_than_a_batch_holds_two_are_on_their_way(
    build: Any, intake: Intake, delivery: Any, eventually: Any
) -> None:
    forwarder = await build()
    delivery.may_deliver.clear()
    intake.take(bodies(13), OriginKind.LIVE)
    await eventually(lambda: intake.spool.depth == 13)
    forwarder.use_registries(None)
    await eventually(lambda: len(delivery.attempts) == 2)
    await asyncio.sleep(0.01)
    assert len(delivery.attempts) == 2
    delivery.may_deliver.set()
    await intake.spool.wait_until_empty()
    assert delivery.events == [{"n": n} for n in range(13)]


async def test_every_event_ends_once_in_the_counters(
    build: Any, intake: Intake, delivery: Any, counters: ServiceCounters, registry: CollectorRegistry
) -> None:
    rejected = [Rejection(3, "malformed", "no")]
    delivery.outcomes = [
        StoreUnavailableError("away"),
        Receipt(written=1, duplicate=1, filtered=1, rejected=rejected),
    ]
    forwarder = await build()
    forwarder.use_registries(None)
    intake.take(bodies(9), OriginKind.LIVE)
    await intake.spool.wait_until_empty()
    ended = (Counter.PROCESSED, Counter.DUPLICATE, Counter.FILTERED, Counter.REJECTED)
    assert [counters.totals[counter] for counter in ended] == [6, 1, 1, 1]
    assert counters.totals[Counter.RECEIVED] == 9
    assert counters.totals[Counter.FAILED] == 0
    assert sum(counters.latency_counts) == 9
    name = "ha_ingestor_websocket_ingestion_events_acknowledged_total"
    outcomes = ("written", "duplicate", "filtered", "rejected")
    assert [registry.get_sample_value(name, {"outcome": outcome}) for outcome in outcomes] == [6, 1, 1, 1]


async def test_received_is_ended_plus_queued_while_the_store_is_away(
    build: Any, intake: Intake, delivery: Any, counters: ServiceCounters, eventually: Any
) -> None:
    forwarder = await build()
    forwarder.use_registries(None)
    intake.take(bodies(2), OriginKind.LIVE)
    await intake.spool.wait_until_empty()
    delivery.refuses = lambda _: StoreUnavailableError("away")
    intake.take(bodies(7), OriginKind.LIVE)
    await eventually(lambda: len(delivery.attempts) > 3)
    assert counters.totals[Counter.RECEIVED] == counters.totals[Counter.PROCESSED] + intake.spool.depth == 9


async def test_stopping_delivers_what_is_queued(build: Any, intake: Intake, delivery: Any) -> None:
    forwarder = await build()
    intake.take(bodies(9), OriginKind.LIVE)  # and no registries ever came
    await forwarder.stop(drain_s=5)
    assert len(delivery.events) == 9
    assert not forwarder.is_running


async def test_stopping_leaves_what_it_cannot_deliver_in_the_spool(
    build: Any, intake: Intake, delivery: Any, eventually: Any
) -> None:
    forwarder = await build()
    delivery.refuses = lambda _: StoreUnavailableError("away")
    intake.take(bodies(3), OriginKind.LIVE)
    await eventually(lambda: intake.spool.depth == 3)
    with capture_logs() as lines:
        await forwarder.stop(drain_s=0.05)
    kept = [line for line in lines if line["event"] == "events_kept_in_spool"]
    assert [(line["log_level"], line["events"], line["error"]) for line in kept] == [("info", 3, "away")]


async def test_events_are_gathered_without_queries(build: Any, intake: Intake, delivery: Any, eventually: Any) -> None:
    forwarder = await build(batch_size=100, gather_s=60.0)
    forwarder.use_registries(REGISTRIES)
    for _ in range(3):
        intake.take(bodies(1), OriginKind.LIVE)
        await eventually(lambda: not intake.spool.uncommitted)
    assert delivery.delivered == []
    await intake.spool.deliver_now(5.0)
    assert [len(batch.events) for batch in delivery.delivered] == [3]


async def test_a_stop_waits_for_no_more_events(build: Any, intake: Intake, delivery: Any) -> None:
    forwarder = await build(gather_s=60.0)
    forwarder.use_registries(REGISTRIES)
    intake.take(bodies(1), OriginKind.LIVE)
    await forwarder.stop(drain_s=5.0)
    assert [len(batch.events) for batch in delivery.delivered] == [1]
