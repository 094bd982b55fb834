"""The capture of one home with a checkpoint that is a minute old, with a scripted Home Assistant."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ha_ingestor_core.clock import NS_PER_S, SystemClock, ns_to_rfc3339
from ha_ingestor_core.events import OriginKind
from ha_ingestor_core.gaps import Gap
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from websocket_ingestion.connection.capture import Home
from websocket_ingestion.connection.reconnect import BackoffLimits
from websocket_ingestion.gaps.checkpoint import Checkpoint, CheckpointFile
from websocket_ingestion.gaps.elapsed import Moment
from websocket_ingestion.home_ingestion import HomeIngestion
from websocket_ingestion.settings import CaptureSettings, GapSettings

HISTORY = "history/history_during_period"
QUICK = {"rest_s": 0, "settle_s": 0, "retry_s": 0.05, "first_start": "0"}
AGO_S = 60


class GapRig:
    """A service with a checkpoint that is a minute old, and a home that has changed since."""

    def __init__(self, home_assistant: Any, delivery: Any, sink: Any, folder: Path, eventually: Any) -> None:
        self.home_assistant = home_assistant
        self.delivery = delivery
        self.sink = sink
        self.folder = folder
        self.eventually = eventually
        self.now_ns = SystemClock().now_ns()
        self.registry = CollectorRegistry()
        self.services: list[HomeIngestion] = []

    def set_checkpoint(self, seconds_ago: float = AGO_S) -> None:
        file = CheckpointFile.open(self.folder / "gaps" / "home.mark")
        ago_ns = self.now_ns - round(seconds_ago * NS_PER_S)
        file.write(Checkpoint(ago_ns, Moment(ago_ns)))
        file.close()

    def read_checkpoint(self) -> Checkpoint | None:
        file = CheckpointFile.open(self.folder / "gaps" / "home.mark")
        file.close()
        return file.checkpoint

    async def checkpoint_written(self) -> None:
        """Return when the checkpoint is at the newest captured event."""
        watermark = self.services[-1]._gaps._intake.watermark
        await self.eventually(
            lambda: (checkpoint := self.read_checkpoint()) and checkpoint.complete_ns == watermark.time_ns
        )

    async def checked(self, times: int) -> None:
        """Return after that number of further state checks."""
        before = len(self.home_assistant.commands_of("get_states"))
        await self.eventually(lambda: len(self.home_assistant.commands_of("get_states")) > before + times)

    def state(self, entity_id: str, state: str, seconds_ago: float, **attributes: Any) -> dict[str, Any]:
        moment = ns_to_rfc3339(self.now_ns - round(seconds_ago * NS_PER_S))
        return {"entity_id": entity_id, "state": state, "attributes": attributes, "last_updated": moment}

    def row(self, state: str | None, seconds_ago: float) -> dict[str, Any]:
        return {"s": state, "a": {}, "lu": self.now_ns / 1e9 - seconds_ago}

    async def start(self, state_check_s: float = 0, **settings: Any) -> HomeIngestion:
        service = HomeIngestion(
            home=Home(name="home", url=self.home_assistant.url, token=SecretStr(self.home_assistant.token)),
            settings=CaptureSettings.model_validate({}).model_copy(update={"state_check_s": state_check_s}),
            gap_settings=GapSettings.model_validate({}).model_copy(update={**QUICK, **settings}),
            data_dir=self.folder,
            instance="here",
            delivery=self.delivery,
            sink=self.sink,
            clock=SystemClock(),
            registry=CollectorRegistry(),
            backoff=BackoffLimits(first_s=0.01, usual_longest_s=0.05, longest_s=0.05),
        )
        self.services.append(service)
        await service.start()
        return service

    async def closed(self, gaps: int = 1) -> Gap:
        await self.eventually(lambda: sum(gap.closed_ns is not None for gap in self.sink.gaps) >= gaps)
        closed: list[Gap] = [gap for gap in self.sink.gaps if gap.closed_ns is not None]
        return closed[-1]

    def recovered(self) -> list[Any]:
        events = [event for batch in self.delivery.delivered for event in batch.events]
        return [json.loads(bytes(event.event)) for event in events if event.kind is OriginKind.BACKFILL]

    async def send_live(self, state: dict[str, Any], fired: str | None = None) -> None:
        """Send the event of a state, and return when it is delivered."""
        event = self.home_assistant.event("state_changed", entity_id=state["entity_id"], old_state={}, new_state=state)
        event["event"]["time_fired"] = fired or event["event"]["time_fired"]
        count = len(self.delivery.events)
        await self.home_assistant.send_text(json.dumps(event, separators=(",", ":")))
        await self.eventually(lambda: len(self.delivery.events) > count)
