"""A batch on its way: repeats, registries, halving, and what it waits for."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from ha_ingestor_core.clock import FakeClock
from ha_ingestor_core.delivery import Receipt, Rejection
from ha_ingestor_core.errors import (
    BackpressureError,
    IngestorError,
    InvalidInputError,
    RegistryUnknownError,
    StoreRefusedError,
    StoreUnavailableError,
)
from ha_ingestor_core.events import EventBatch, OriginKind, RawEvent, Registries
from msgspec import Raw
from structlog.testing import capture_logs
from websocket_ingestion.delivery.batch_sender import BatchSender, DeliveryBackoff, delivery_backoff, merge_receipts
from websocket_ingestion.metrics import IngestionMetrics

QUICK = DeliveryBackoff(first_s=0.001, longest_s=0.002, terminal_s=0.003)
AWAY = StoreUnavailableError("away")


@pytest.fixture
def sender(delivery: Any, clock: FakeClock, metrics: IngestionMetrics) -> BatchSender:
    return BatchSender(home="home", delivery=delivery, clock=clock, metrics=metrics, backoff=QUICK)


@pytest.fixture
def slow_sender(delivery: Any, clock: FakeClock, metrics: IngestionMetrics) -> BatchSender:
    slow = DeliveryBackoff(first_s=1000, longest_s=1000)
    return BatchSender(home="home", delivery=delivery, clock=clock, metrics=metrics, backoff=slow)


def events(count: int) -> list[RawEvent]:
    return [RawEvent(Raw(b'{"n":%d}' % n), 0, OriginKind.SNAPSHOT) for n in range(count)]


def registries(version: str) -> Registries:
    return Registries(home="home", version=version)


def refuse_batches_with(poison: int) -> Any:
    """What a pipeline does that cannot take an envelope because of one event."""

    def refuse(batch: EventBatch) -> Exception | None:
        spoilt = any(bytes(event.event) == b'{"n":%d}' % poison for event in batch.events)
        return InvalidInputError("not understood") if spoilt else None

    return refuse


async def test_a_batch_is_delivered_as_it_is(sender: BatchSender, delivery: Any) -> None:
    batch = events(3)
    assert await sender.deliver(batch) == Receipt(written=3)
    assert delivery.delivered == [EventBatch("home", batch)]


@pytest.mark.parametrize("error", [AWAY, BackpressureError("full"), StoreRefusedError("no rights")])
async def test_a_batch_is_repeated_until_it_is_acknowledged(
    sender: BatchSender, delivery: Any, error: IngestorError
) -> None:
    delivery.outcomes = [error] * 5
    await sender.deliver(events(2))
    assert len(delivery.attempts) == 6
    assert len(set(map(id, delivery.attempts))) == 6
    assert all(attempt.events == delivery.attempts[0].events for attempt in delivery.attempts)


async def test_the_first_failure_is_a_warning_and_the_recovery_is_logged(sender: BatchSender, delivery: Any) -> None:
    delivery.outcomes = [AWAY, AWAY]
    with capture_logs() as lines:
        await sender.deliver(events(1))
    assert [(line["event"], line["log_level"]) for line in lines] == [
        ("delivery_failed", "warning"),
        ("delivery_failed", "debug"),
        ("delivery_recovered", "info"),
    ]


async def test_what_a_person_must_mend_is_an_error_once(sender: BatchSender, delivery: Any) -> None:
    delivery.outcomes = [StoreRefusedError("no rights")] * 3
    with capture_logs() as lines:
        await sender.deliver(events(1))
    assert [line["log_level"] for line in lines][:3] == ["error", "debug", "debug"]


async def test_the_last_error_is_shown_while_it_lasts(slow_sender: BatchSender, delivery: Any) -> None:
    delivery.outcomes = [AWAY]
    delivering = asyncio.create_task(slow_sender.deliver(events(1)))
    await asyncio.sleep(0)
    assert slow_sender.last_error == "away"
    slow_sender.hurry()
    await delivering
    assert slow_sender.last_error is None


def test_the_backoff_doubles_and_honours_what_was_requested() -> None:
    limits = DeliveryBackoff(first_s=1, longest_s=8, terminal_s=60)
    assert [delivery_backoff(n, AWAY, 1.0, limits) for n in (1, 2, 3, 4, 9, 10_000)] == [1, 2, 4, 8, 8, 8]
    assert delivery_backoff(2, AWAY, 0.0, limits) == 1
    assert delivery_backoff(1, BackpressureError("full", retry_after_s=5), 0.0, limits) == 5
    assert delivery_backoff(1, BackpressureError("full", retry_after_s=3600), 0.0, limits) == 60
    assert delivery_backoff(1, StoreRefusedError("no"), 0.0, limits) == 60
    assert delivery_backoff(1, InvalidInputError("no"), 0.0, limits) == 60


async def test_registries_are_sent_before_the_first_batch_that_names_them(sender: BatchSender, delivery: Any) -> None:
    sender.registries = registries("v1")
    await sender.deliver(events(1))
    await sender.deliver(events(1))
    sender.registries = registries("v2")
    await sender.deliver(events(1))
    assert [told.version for told in delivery.registries] == ["v1", "v2"]
    assert [batch.registry_version for batch in delivery.delivered] == ["v1", "v1", "v2"]


async def test_a_pipeline_that_lost_the_registries_gets_them_again_at_once(sender: BatchSender, delivery: Any) -> None:
    sender.registries = registries("v1")
    await sender.deliver(events(1))
    delivery.outcomes = [RegistryUnknownError("started anew")]
    with capture_logs() as lines:
        await sender.deliver(events(1))
    assert len(delivery.registries) == 2
    assert lines == []


async def test_a_pipeline_that_forgets_them_again_and_again_is_not_hammered(sender: BatchSender, delivery: Any) -> None:
    sender.registries = registries("v1")
    delivery.outcomes = [RegistryUnknownError("started anew")] * 3
    with capture_logs() as lines:
        await sender.deliver(events(1))
    assert len([line for line in lines if line["event"] == "delivery_failed"]) == 2


async def test_registries_that_cannot_be_delivered_now_are_repeated(sender: BatchSender, delivery: Any) -> None:
    sender.registries = registries("v1")
    delivery.registry_outcomes = [AWAY, AWAY]
    await sender.deliver(events(1))
    assert [told.version for told in delivery.registries] == ["v1"]
    assert [batch.registry_version for batch in delivery.attempts] == ["v1"]


async def test_refused_registries_do_not_hold_up_the_events(sender: BatchSender, delivery: Any) -> None:
    sender.registries = registries("v1")
    delivery.registry_outcomes = [InvalidInputError("odd")]
    assert await sender.deliver(events(4)) == Receipt(written=4)
    assert [batch.registry_version for batch in delivery.delivered] == [None]


async def test_registries_that_make_the_pipeline_stumble_do_not_hold_up_the_events(
    sender: BatchSender, delivery: Any
) -> None:
    sender.registries = registries("v1")
    delivery.registry_outcomes = [ZeroDivisionError("a bug")] * 100
    assert await sender.deliver(events(4)) == Receipt(written=4)
    assert delivery.events == [{"n": n} for n in range(4)]


@pytest.mark.parametrize("poison", [0, 3, 6])
async def test_one_event_that_spoils_a_batch_is_isolated_by_halving(
    sender: BatchSender, delivery: Any, poison: int
) -> None:
    delivery.refuses = refuse_batches_with(poison)
    assert (await sender.deliver(events(7))).written == 7
    expected: list[Any] = [{"n": n} for n in range(7)]
    expected[poison] = json.dumps({"n": poison}, separators=(",", ":"))
    assert delivery.events == expected
    assert set(delivery.kinds) == {"snapshot"}


async def test_an_isolated_event_is_cut_when_it_is_huge(sender: BatchSender, delivery: Any) -> None:
    delivery.refuses = lambda batch: InvalidInputError("too long") if len(batch.events[0].event) > 2_000_000 else None
    await sender.deliver([RawEvent(Raw(b'"%b"' % (b"x" * 3_000_000)), 0)])
    assert len(delivery.events[0]) == 1_000_000


async def test_a_pipeline_that_refuses_everything_keeps_the_events_waiting(sender: BatchSender, delivery: Any) -> None:
    delivery.outcomes = [InvalidInputError("wrong home")] * 20
    receipt = await sender.deliver(events(4))
    assert receipt.written == 4
    assert len(delivery.attempts) > 20


@pytest.mark.parametrize("failure", [InvalidInputError("not this either"), ZeroDivisionError("a bug")])
async def test_an_event_is_not_blamed_for_what_every_delivery_suffers(
    sender: BatchSender, delivery: Any, failure: Exception
) -> None:
    delivery.refuses = lambda _: failure
    delivering = asyncio.create_task(sender.deliver(events(1)))
    while len(delivery.attempts) < 9 or bytes(delivery.attempts[-1].events[0].event) == b'{"n":0}':  # noqa: ASYNC110
        await asyncio.sleep(0)
    delivery.refuses = lambda _: None
    await delivering
    assert delivery.events == [{"n": 0}]


async def test_rejections_keep_their_places_when_a_batch_was_halved(sender: BatchSender, delivery: Any) -> None:
    no = Rejection(1, "malformed", "no")
    delivery.outcomes = [InvalidInputError("?"), Receipt(written=1, rejected=[no]), Receipt(written=1, rejected=[no])]
    assert await sender.deliver(events(4)) == Receipt(
        written=2, rejected=[Rejection(1, "malformed", "no"), Rejection(3, "malformed", "no")]
    )


async def test_a_bug_in_the_pipeline_is_tried_a_few_times_before_the_batch_is_taken_apart(
    sender: BatchSender, delivery: Any
) -> None:
    delivery.outcomes = [ZeroDivisionError("a bug")] * 3
    await sender.deliver(events(2))
    assert [len(attempt.events) for attempt in delivery.attempts] == [2, 2, 2, 2]
    delivery.attempts.clear()
    delivery.refuses = lambda batch: (
        ZeroDivisionError("a bug") if any(bytes(event.event) == b'{"n":1}' for event in batch.events) else None
    )
    await sender.deliver(events(2))
    assert delivery.events[-2:] == [{"n": 0}, '{"n":1}']


async def test_a_receipt_that_does_not_add_up_is_no_acknowledgement(sender: BatchSender, delivery: Any) -> None:
    delivery.outcomes = [Receipt(written=1)]
    with capture_logs() as lines:
        assert await sender.deliver(events(2)) == Receipt(written=2)
    assert lines[0]["key"] == "receipt_mismatch"


async def test_hurrying_ends_a_long_wait(slow_sender: BatchSender, delivery: Any) -> None:
    delivery.outcomes = [AWAY]
    delivering = asyncio.create_task(slow_sender.deliver(events(1)))
    await asyncio.sleep(0)
    slow_sender.hurry()
    assert await asyncio.wait_for(delivering, 5) == Receipt(written=1)


def test_merging_adds_what_became_of_each_part() -> None:
    first = Receipt(written=1, duplicate=2, filtered=3, rejected=[Rejection(0, "a", "b")])
    second = Receipt(written=10, duplicate=20, filtered=30, rejected=[Rejection(5, "c", "d")])
    assert merge_receipts(first, second, offset=7) == Receipt(
        written=11, duplicate=22, filtered=33, rejected=[Rejection(0, "a", "b"), Rejection(12, "c", "d")]
    )
