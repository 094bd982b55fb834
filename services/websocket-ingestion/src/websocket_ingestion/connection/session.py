"""One connection after its login: subscribe, fetch the registries, take the snapshot, then pass the events on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import structlog
from ha_ingestor_core.clock import Clock
from ha_ingestor_core.errors import IngestorError
from ha_ingestor_core.events import OriginKind, Registries
from msgspec import Raw

from websocket_ingestion.connection.debounce import Debounced
from websocket_ingestion.connection.last_reported import LastReportedPoller
from websocket_ingestion.connection.protocol import Frame
from websocket_ingestion.connection.socket import FrameSink
from websocket_ingestion.connection.subscription import Subscription, subscribe
from websocket_ingestion.errors import CommandRefusedError
from websocket_ingestion.gaps.gap_tracker import GapTracker
from websocket_ingestion.gaps.state_check import StateCheck
from websocket_ingestion.messages import CommandRunner, MessageType
from websocket_ingestion.metrics import IngestionMetrics
from websocket_ingestion.registries.registries import fetch_registries
from websocket_ingestion.registries.registry_changes import RegistryChanges
from websocket_ingestion.server_clock import ServerClock
from websocket_ingestion.spool.intake import Intake
from websocket_ingestion.states.home_state import HomeState, read_home_state
from websocket_ingestion.states.snapshot import Snapshot, read_snapshot

_log = structlog.get_logger()

DEBOUNCE_S = 2.0
_LIVE = OriginKind.LIVE


class Connection(CommandRunner, Protocol):
    """The part of a socket that a session uses."""

    @property
    def ha_version(self) -> str | None:
        """The version of Home Assistant, known after the login."""
        ...

    async def first_event(self, kind: str, **fields: Any) -> Raw:
        """The first event of a subscription; raises CommandRefusedError and ConnectionLostError."""
        ...

    async def read(self, sink: FrameSink) -> None:
        """Read until the connection ends."""
        ...

    async def watch_silence(self) -> None:
        """Raise when the connection is dead."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionParts:
    """The parts that all sessions of a home share."""

    home: str
    intake: Intake
    metrics: IngestionMetrics
    gaps: GapTracker
    clock: Clock
    home_clock: ServerClock
    states: StateCheck
    on_registries: Callable[[Registries | None], None]
    """Called with the registries of a connection; None: there is no connection to wait for."""
    known_registries: Callable[[], Registries | None] = lambda: None
    state_check_s: float = 0.0
    last_reported: LastReportedPoller | None = None
    debounce_s: float = DEBOUNCE_S


class Session:
    """One connection from its login to its end; the sink of its frames."""

    def __init__(
        self, connection: Connection, parts: SessionParts, on_subscribed: Callable[[Subscription], None]
    ) -> None:
        self._connection = connection
        self._parts = parts
        self._intake = parts.intake
        self._gaps = parts.gaps
        self._metrics = parts.metrics
        self._on_subscribed = on_subscribed
        self._warned: set[str] = set()
        self._registry_refresh = Debounced(self._refresh_registries, parts.debounce_s)
        self._snapshot = Debounced(self._compare_states, parts.debounce_s)

    async def run(self) -> None:
        """Run until the connection ends; raises the error that ended it."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._connection.read(self), name="home-assistant reader")
                tasks.create_task(self._connection.watch_silence(), name="home-assistant silence")
                now = await self._set_up()
                tasks.create_task(self._registry_refresh.run(), name="home-assistant registries")
                tasks.create_task(self._snapshot.run(), name="home-assistant snapshot")
                tasks.create_task(self._compare_for_ever(), name="home-assistant state check")
                if self._parts.last_reported is not None:
                    tasks.create_task(
                        self._parts.last_reported.poll(self._connection), name="home-assistant signs of life"
                    )
                tasks.create_task(self._gaps.fill(now), name="home-assistant gaps")
        except ExceptionGroup as group:
            raise _cause(group) from group

    @property
    def is_full(self) -> bool:
        """True when the spool is."""
        return self._intake.spool.is_full

    async def wait_for_room(self) -> None:
        """Wait for the spool. Its delivery must not wait for registries meanwhile: their answer would not be read."""
        self._parts.on_registries(None)
        await self._intake.wait_for_room()

    def accept(self, frame: Frame) -> None:
        """Put the events into the spool; does not wait."""
        if frame.events:
            self._intake.take(frame.events, _LIVE)
            self._parts.states.captured.add(frame.events)
        if frame.odd:
            self._metrics.odd_messages.inc(frame.odd)
            self._warn_once("unknown_message_received", messages=frame.odd)
        if frame.changes is not None:
            self._apply(frame.changes)
        for reply in frame.replies:
            # Every command has a waiter, so a reply without one belongs to a subscription.
            if reply.type == MessageType.RESULT and not reply.success:
                self._count_lost_event(reply.refusal.message)

    def _apply(self, changes: RegistryChanges) -> None:
        self._metrics.restored_states.inc(len(changes.restored))
        self._gaps.apply(changes)
        if changes.touches_registries:
            self._registry_refresh.trigger()

    async def _set_up(self) -> HomeState:
        await self._gaps.connecting()
        try:
            await self._connection.command("supported_features", features={"coalesce_messages": 1})
        except CommandRefusedError as err:
            _log.info("coalescing_not_supported", code=err.code)
        # Subscribe before fetching the states: what changes meanwhile is then in the stream, and nothing is missed.
        subscription = await subscribe(self._connection)
        subscribed_at, subscribed_ns = self._parts.clock.monotonic(), self._parts.home_clock.latest_ns()
        await self._gaps.subscribed(self._parts.home_clock.earliest_ns(subscribed_at), subscribed_ns)
        self._on_subscribed(subscription)
        registries = await self._refresh_registries()
        snapshot = await self._fetch_snapshot()
        now = read_home_state(
            self._connection,
            clock_ns=subscribed_ns,
            since=subscribed_at,
            snapshot=snapshot,
            registries=registries,
        )
        await self._parts.states.connected(snapshot)
        await self._gaps.connected(now)
        await self._ingest(snapshot)
        self._gaps.snapshot_taken()
        return now

    async def _refresh_registries(self) -> Registries:
        registries = await fetch_registries(self._connection, self._parts.home, self._parts.known_registries())
        self._parts.on_registries(registries)
        return registries

    async def _compare_for_ever(self) -> None:
        while self._parts.state_check_s:
            await asyncio.sleep(self._parts.state_check_s)
            await self._compare_states()

    async def _compare_states(self) -> None:
        unsent = await self._parts.states.compare(self._fetch_snapshot)
        if unsent is not None:
            await self._ingest(unsent)

    async def _fetch_snapshot(self) -> Snapshot:
        try:
            states = await self._connection.command("get_states")
        except CommandRefusedError as err:
            _log.warning("snapshot_refused", code=err.code, error=err.message)
            return Snapshot([], {})
        return read_snapshot(states.result)

    async def _ingest(self, snapshot: Snapshot) -> None:
        self._metrics.restored_states.inc(len(snapshot.restored))
        for events in snapshot.events():
            self._intake.take(events, OriginKind.SNAPSHOT)
            await asyncio.sleep(0)  # thousands of states must not block the reader
            await self.wait_for_room()

    def _count_lost_event(self, reason: str) -> None:
        """An event that Home Assistant cannot encode as JSON arrives as a failed result instead."""
        self._metrics.lost_events.inc()
        self._warn_once("event_lost_by_home_assistant", error=reason, then="the states are fetched again")
        self._snapshot.trigger()

    def _warn_once(self, event: str, **fields: object) -> None:
        """Log a warning the first time on a connection, debug afterwards: the metrics count every one."""
        log = _log.debug if event in self._warned else _log.warning
        self._warned.add(event)
        log(event, **fields)


def _cause(group: ExceptionGroup[Exception]) -> Exception:
    """Return the error that ended a session: an unexpected one first, since it is a bug."""
    unexpected = [err for err in group.exceptions if not isinstance(err, IngestorError)]
    return (unexpected or list(group.exceptions))[0]
