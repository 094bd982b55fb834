"""The alert keeper: one instance evaluates every ten seconds, saves, writes to the store and notifies."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

import structlog
from ha_ingestor_core.alerts import Alert, AlertLevel, AlertSink
from ha_ingestor_core.clock import Clock
from ha_ingestor_core.errors import IngestorError, NotFoundError, ServiceUnavailableError
from ha_ingestor_core.tasks import supervised
from msgspec import Struct, structs

from admin_api.alerts.board import AlertBoard, in_order
from admin_api.alerts.metrics import AlertMetrics
from admin_api.alerts.notifications.sender import AlertSender, Backoff
from admin_api.alerts.notifications.targets import Target
from admin_api.alerts.readings.readings import Readings
from admin_api.alerts.rules import Rule
from admin_api.alerts.state import (
    MOST_UNSENT,
    MOST_UNWRITTEN,
    Lease,
    Mark,
    MarksFile,
    State,
    StateFile,
    bounded,
    mark_key,
)

INTERVAL_S = 10.0
LOOK_INTERVAL_S = 1.0
"""Interval of checking the files of other instances, and whether the evaluating one has ended."""
_WRITE_TIMEOUT_S = 5.0

_log = structlog.get_logger()

T = TypeVar("T")


class ActiveAlert(Struct, frozen=True):
    """An active alert with acknowledgement and silence."""

    alert: Alert
    acknowledged_ns: int | None = None
    silenced_until_ns: int | None = None
    acknowledged_by: str | None = None


class AlertKeeper:
    """Evaluates the rules if it holds the lease; otherwise shows the alerts of the instance that does.

    `on_change` is called with the active alerts whenever they, their acknowledgements or silences change.
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        *,
        readings: Readings,
        sink: AlertSink,
        targets: Sequence[Target],
        folder: Path,
        clock: Clock,
        metrics: AlertMetrics,
        link_of: Callable[[Alert], str | None] = lambda alert: None,
        evaluates: bool = True,
        interval_s: float = INTERVAL_S,
        backoff: Backoff | None = None,
    ) -> None:
        self._rules = rules
        self._readings = readings
        self._sink = sink
        self._clock = clock
        self._metrics = metrics
        self._evaluates = evaluates
        self._interval_s = interval_s
        self._lease = Lease(folder / "lock")
        self._state_file = StateFile(folder)
        self._marks_file = MarksFile(folder)
        self._board = AlertBoard(rules, clock)
        self._sender = AlertSender(targets, metrics=metrics, link_of=link_of, on_sent=self._save, backoff=backoff)
        self._leads = False
        self._unwritten: list[Alert] = []
        self._marks: dict[str, Mark] = {}
        self._shown: list[ActiveAlert] = []
        self._is_dirty = False
        self._disk_fails = False
        self._saving = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self.on_change: Callable[[list[ActiveAlert]], object] = lambda alerts: None
        self.evaluated_ns: int | None = None

    @property
    def active(self) -> list[ActiveAlert]:
        """The active alerts, sorted by level, then newest first."""
        return self._shown

    async def start(self) -> None:
        """Start to evaluate; alerts active before a restart stay active."""
        self._task = supervised(self._run, name="alerts")

    async def stop(self) -> None:
        """Stop, and save alerts that are not yet written or sent."""
        if self._task is None:
            return
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        self._task = None
        await self._sender.stop()
        if self._leads:
            await self._save()
            self._lease.release()
            self._leads = False

    async def acknowledge(self, alert_id: str, by: str) -> ActiveAlert:
        """Acknowledge an active alert; `by` is the name of the user. Raises NotFoundError."""
        now_ns = self._clock.now_ns()
        return await self._mark(
            alert_id,
            lambda mark: structs.replace(mark, acknowledged=alert_id, acknowledged_ns=now_ns, acknowledged_by=by),
        )

    async def silence(self, alert_id: str, for_ns: int | None) -> ActiveAlert:
        """Silence the rule of an active alert for its service; None ends the silence. Raises NotFoundError."""
        until_ns = None if for_ns is None else self._clock.now_ns() + for_ns
        return await self._mark(alert_id, lambda mark: structs.replace(mark, silenced_until_ns=until_ns))

    async def turn(self) -> None:
        """Evaluate once, or read the state of the evaluating instance; never raises."""
        try:
            if self._evaluates and (self._leads or await self._take_lead()):
                await self._evaluate()
            else:
                await self._follow()
        except Exception:  # a bug must not end the evaluation
            _log.exception("alerts_failed_unexpectedly")

    async def _run(self) -> None:
        while True:
            due = self._clock.monotonic() + self._interval_s
            await self.turn()
            while self._leads and (left_s := due - self._clock.monotonic()) > LOOK_INTERVAL_S:
                await asyncio.sleep(min(LOOK_INTERVAL_S, left_s))
                await self._look_at_marks()
            await asyncio.sleep(LOOK_INTERVAL_S)

    async def _look_at_marks(self) -> None:
        """Show acknowledgements and silences made on another instance."""
        marks = await self._on_disk(self._marks_file.read, default=self._marks)
        if marks != self._marks:
            self._marks = marks
            self._show([each.alert for each in self._shown])

    async def _take_lead(self) -> bool:
        state = State()
        if await self._on_disk(self._lease.take, default=True):
            state = await self._on_disk(self._state_file.read, default=state)
            self._leads = True
            self._unwritten = list(state.unwritten)
            self._sender.restore(state.unsent)
            self._note(self._board.restore(state.active))
            await self._sender.start()
            _log.info("alert_evaluation_started", rules=len(self._rules), active=len(self._board.active))
        return self._leads

    async def _evaluate(self) -> None:
        readings = await self._readings.read(self._rules)
        self._marks = await self._on_disk(self._marks_file.read, default=self._marks)
        self._keep(
            self._board.acknowledge(self._marks)
        )  # first, so that an alert that is cleared now has its acknowledgement
        self._note(self._board.take(readings))
        if self._is_dirty:
            await self._save()
        self._sender.wake()
        if self._unwritten:
            await self._write()
        self.evaluated_ns = self._clock.now_ns()
        self._show(self._board.active)

    async def _follow(self) -> None:
        state = await self._on_disk(self._state_file.read, default=State())
        self._marks = await self._on_disk(self._marks_file.read, default=self._marks)
        self._show(in_order(state.active))

    def _note(self, changed: Sequence[Alert]) -> None:
        if not changed:
            return
        for alert in changed:
            if alert.cleared_ns is None:
                self._metrics.raised.labels(alert.rule).inc()
                _log.warning("alert_raised", rule=alert.rule, service=alert.service, urgency=alert.level.value)
            else:
                _log.info("alert_cleared", rule=alert.rule, service=alert.service)
        self._sender.add([alert for alert in changed if not self._is_silenced(alert)])
        self._keep(changed)

    def _keep(self, changed: Sequence[Alert]) -> None:
        """Queue changed alerts for writing to the store."""
        if changed:
            self._unwritten = bounded([*self._unwritten, *changed], MOST_UNWRITTEN, "written")
            self._mark_dirty()

    async def _write(self) -> None:
        """Write queued alerts to the store; while it is unavailable they stay queued."""
        written = list(self._unwritten)
        try:
            async with asyncio.timeout(_WRITE_TIMEOUT_S):
                await self._sink.write_alerts(written)
        except (IngestorError, TimeoutError) as err:
            _log.debug("alerts_not_written", alerts=len(written), error=str(err))
        else:
            self._unwritten = [alert for alert in self._unwritten if alert not in written]
            await self._save()
        self._metrics.unwritten.set(len(self._unwritten))

    async def _save(self) -> None:
        async with self._saving:
            self._is_dirty = False
            unsent = {target: bounded(alerts, MOST_UNSENT, "sent") for target, alerts in self._sender.unsent.items()}
            self._sender.bound(unsent)
            state = State(self._board.active, list(self._unwritten), unsent)
            await self._on_disk(partial(self._state_file.write, state), default=None)

    def _mark_dirty(self) -> None:
        self._is_dirty = True

    async def _mark(self, alert_id: str, change: Callable[[Mark], Mark]) -> ActiveAlert:
        if self._find(alert_id) is None and not self._leads:
            await self._follow()  # the evaluating instance may have just raised it
        shown = self._find(alert_id)
        if shown is None:
            raise NotFoundError(f"Alert {alert_id} is unknown or no longer active", id=alert_id)
        key = mark_key(shown.alert.rule, shown.alert.service)
        now_ns = self._clock.now_ns()
        try:
            self._marks = await asyncio.to_thread(self._marks_file.change, key, change, now_ns=now_ns)
        except OSError as err:
            raise ServiceUnavailableError(f"Cannot save to DATA_DIR: {err.strerror}. Check the disk") from err
        self._show([each.alert for each in self._shown])
        return next(each for each in self._shown if each.alert.id == alert_id)

    def _find(self, alert_id: str) -> ActiveAlert | None:
        return next((shown for shown in self._shown if shown.alert.id == alert_id), None)

    def _show(self, alerts: Sequence[Alert]) -> None:
        shown = [self._with_mark(alert) for alert in alerts]
        for level in AlertLevel:
            self._metrics.active.labels(level).set(sum(each.alert.level is level for each in shown))
        if shown != self._shown:
            self._shown = shown
            self.on_change(shown)

    def _with_mark(self, alert: Alert) -> ActiveAlert:
        mark = self._marks.get(mark_key(alert.rule, alert.service), Mark())
        is_of_this = mark.acknowledged == alert.id
        return ActiveAlert(
            alert,
            mark.acknowledged_ns if is_of_this else alert.acknowledged_ns,
            mark.silenced_until_ns if self._is_silenced(alert) else None,
            mark.acknowledged_by if is_of_this else alert.acknowledged_by,
        )

    def _is_silenced(self, alert: Alert) -> bool:
        mark = self._marks.get(mark_key(alert.rule, alert.service), Mark())
        return (mark.silenced_until_ns or 0) > self._clock.now_ns()

    async def _on_disk(self, call: Callable[[], T], *, default: T) -> T:
        """Run a blocking call in a thread; on an error of the disk return the default."""
        try:
            result = await asyncio.to_thread(call)
        except OSError as err:
            if not self._disk_fails:
                _log.warning("alerts_not_saved", error=str(err), check="DATA_DIR", then="alerts are kept in memory")
            self._disk_fails = True
            return default
        self._disk_fails = False
        return result
