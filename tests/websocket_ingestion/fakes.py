"""Fakes of a delivery and of a sink, with failures set by a test."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import Any

from ha_ingestor_core.delivery import Receipt
from ha_ingestor_core.events import EventBatch, Registries
from ha_ingestor_core.gaps import Gap
from ha_ingestor_core.service_metrics import ServiceMetricsPoint


class FakeDelivery:
    """Acknowledges everything, after the outcomes set by a test."""

    def __init__(self) -> None:
        self.outcomes: list[Exception | Receipt] = []
        self.refuses: Callable[[EventBatch], Exception | None] = lambda _: None
        self.registry_outcomes: list[Exception] = []
        self.attempts: list[EventBatch] = []
        self.delivered: list[EventBatch] = []
        self.registries: list[Registries] = []
        self.may_deliver = asyncio.Event()
        self.may_deliver.set()

    @property
    def events(self) -> list[Any]:
        """Return the acknowledged events, decoded, in order."""
        return [json.loads(bytes(event.event)) for batch in self.delivered for event in batch.events]

    @property
    def kinds(self) -> list[str]:
        return [event.kind.value for batch in self.delivered for event in batch.events]

    async def deliver(self, batch: EventBatch) -> Receipt:
        self.attempts.append(batch)
        await self.may_deliver.wait()
        refusal = self.refuses(batch)
        outcome = refusal or (self.outcomes.pop(0) if self.outcomes else Receipt(written=len(batch.events)))
        if isinstance(outcome, Exception):
            raise outcome
        self.delivered.append(batch)
        return outcome

    async def deliver_registries(self, registries: Registries) -> None:
        if self.registry_outcomes:
            raise self.registry_outcomes.pop(0)
        self.registries.append(registries)


class FakeSink:
    """Keeps service_metrics and gaps, after the failures set by a test."""

    def __init__(self) -> None:
        self.points: list[ServiceMetricsPoint] = []
        self.gaps: list[Gap] = []
        self.gap_outcomes: list[Exception] = []

    async def write_service_metrics(self, points: Sequence[ServiceMetricsPoint]) -> None:
        self.points.extend(points)

    async def write_gaps(self, gaps: list[Gap]) -> None:
        if self.gap_outcomes:
            raise self.gap_outcomes.pop(0)
        self.gaps.extend(gaps)
