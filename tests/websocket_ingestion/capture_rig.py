"""Capture and forwarding of one home with short delays, with a scripted Home Assistant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ha_ingestor_core.clock import SystemClock
from ha_ingestor_core.service_metrics import ServiceCounters
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from websocket_ingestion.connection.capture import Capture, Home
from websocket_ingestion.connection.reconnect import BackoffLimits, ReconnectPolicy
from websocket_ingestion.connection.refused_token import RefusalLimits, RefusedToken
from websocket_ingestion.connection.session import SessionParts
from websocket_ingestion.connection.socket import SocketTiming
from websocket_ingestion.delivery.batch_sender import BatchSender
from websocket_ingestion.delivery.forwarder import Forwarder
from websocket_ingestion.gaps.filling_plan import FillingLimits
from websocket_ingestion.gaps.gap_tracker import GapTracker
from websocket_ingestion.gaps.outcomes import Outcomes
from websocket_ingestion.gaps.state_check import StateCheck
from websocket_ingestion.metrics import IngestionMetrics
from websocket_ingestion.server_clock import ServerClock
from websocket_ingestion.spool.intake import Intake
from websocket_ingestion.spool.limits import SpoolLimits
from websocket_ingestion.spool.spool import Spool

QUICK = BackoffLimits(first_s=0.01, usual_longest_s=0.05, longest_s=0.05)
QUICK_REFUSALS = RefusalLimits(second_s=0.01, absence_s=0.0, poll_s=0.01, probe_s=0.01)


class CaptureRig:
    """Capture and forwarding of one home, with short delays."""

    def __init__(
        self,
        home_assistant: Any,
        delivery: Any,
        sink: Any,
        folder: Path,
        *,
        token: str,
        disk_bytes: int,
        timing: SocketTiming,
    ) -> None:
        clock, self.registry, self.counters = SystemClock(), CollectorRegistry(), ServiceCounters()
        metrics = IngestionMetrics(self.registry)
        self.spool = Spool(folder, clock=clock, metrics=metrics, limits=SpoolLimits(disk_bytes=disk_bytes))
        self.policy = ReconnectPolicy(clock=clock, metrics=metrics, limits=QUICK)
        outcomes, self.sink = Outcomes(), sink
        sender = BatchSender(home="home", delivery=delivery, clock=clock, metrics=metrics, on_recovered=outcomes.note)
        intake = Intake(spool=self.spool, counters=self.counters, clock=clock, metrics=metrics)
        self.gaps = GapTracker(
            home="home",
            folder=folder.parent / "gaps",
            intake=intake,
            outcomes=outcomes,
            sink=sink,
            clock=clock,
            metrics=metrics,
            limits=FillingLimits(rest_s=0, settle_s=0, retry_s=0.01),
            tick_s=0.01,
        )
        self.forwarder = Forwarder(
            spool=self.spool, sender=sender, counters=self.counters, clock=clock, metrics=metrics
        )
        home_clock = ServerClock(clock)
        self.capture = Capture(
            home=Home(name="home", url=home_assistant.url, token=SecretStr(token), token_variable="HA_TOKEN"),
            session_parts=SessionParts(
                home="home",
                intake=intake,
                metrics=metrics,
                gaps=self.gaps,
                clock=clock,
                home_clock=home_clock,
                states=StateCheck(gaps=self.gaps, home_clock=home_clock, metrics=metrics),
                on_registries=self.forwarder.use_registries,
                debounce_s=0.01,
            ),
            policy=self.policy,
            refused_token=RefusedToken(folder.parent / "refused.json", clock, QUICK_REFUSALS),
            timing=timing,
        )

    def value(self, name: str) -> float:
        return self.registry.get_sample_value(f"ha_ingestor_websocket_ingestion_{name}") or 0.0

    async def start(self) -> None:
        await self.spool.start()
        await self.gaps.start()
        await self.forwarder.start()
        await self.capture.start()

    async def stop(self) -> None:
        await self.capture.stop()
        await self.forwarder.stop(drain_s=0.2)
        await self.spool.stop()
        await self.gaps.stop()
