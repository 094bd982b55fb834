"""Sending of notifications: independently per target, retried with back-off, without blocking the evaluation."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterator, Sequence
from functools import partial
from typing import Any

import structlog
from ha_ingestor_core.alerts import Alert
from ha_ingestor_core.errors import ServiceUnavailableError
from ha_ingestor_core.tasks import supervised

from admin_api.alerts.metrics import AlertMetrics
from admin_api.alerts.notifications.targets import Target

_TIMEOUT_S = 30.0
_STOP_LIMIT_S = 1.0

_log = structlog.get_logger()


class Backoff:
    """Exponential back-off of retries, up to five minutes."""

    def __init__(self, first_s: float = 2.0, longest_s: float = 300.0) -> None:
        self._first_s = first_s
        self._longest_s = longest_s

    def after(self, failures: int) -> float:
        """Return the seconds to wait after a number of failures."""
        return min(self._longest_s, self._first_s * 2.0 ** min(failures - 1, 20))


class AlertSender:
    """Sends queued alerts to each target, oldest first; `unsent` are the unsent ones, saved across restarts."""

    def __init__(
        self,
        targets: Sequence[Target],
        *,
        metrics: AlertMetrics,
        link_of: Callable[[Alert], str | None],
        on_sent: Callable[[], Coroutine[Any, Any, None]],
        backoff: Backoff | None = None,
    ) -> None:
        self._targets = targets
        self._metrics = metrics
        self._link_of = link_of
        self._on_sent = on_sent
        self._backoff = backoff or Backoff()
        self._waiting: dict[str, list[Alert]] = {target.id: [] for target in targets}
        self._queued = {target.id: asyncio.Event() for target in targets}
        self._tasks: list[asyncio.Task[None]] = []
        self._sending: set[asyncio.Task[Any]] = set()
        self._is_stopped = False

    @property
    def unsent(self) -> dict[str, list[Alert]]:
        """The unsent alerts by target."""
        return {target_id: list(alerts) for target_id, alerts in self._waiting.items() if alerts}

    def restore(self, unsent: dict[str, list[Alert]]) -> None:
        """Restore unsent alerts after a restart, for targets that still exist."""
        for target_id in self._waiting.keys() & unsent.keys():
            self._waiting[target_id] = [*unsent[target_id], *self._waiting[target_id]]
            self._queued[target_id].set()

    def add(self, alerts: Sequence[Alert]) -> None:
        """Queue alerts until `wake`, so that they can be saved first; otherwise a crash would send them twice."""
        for waiting in self._waiting.values():
            waiting.extend(alerts)

    def wake(self) -> None:
        """Send queued alerts."""
        for queued in self._queued.values():
            queued.set()

    def send(self, alerts: Sequence[Alert]) -> None:
        """Queue and send alerts."""
        self.add(alerts)
        self.wake()

    def bound(self, unsent: dict[str, list[Alert]]) -> None:
        """Replace the queues with bounded ones."""
        for target_id in self._waiting:
            self._waiting[target_id] = unsent.get(target_id, [])

    async def start(self) -> None:
        """Start sending."""
        self._tasks = [
            supervised(partial(self._run, target), name=f"notifications to {target.name}") for target in self._targets
        ]

    async def stop(self, within_s: float = _STOP_LIMIT_S) -> None:
        """Complete running sends within a time limit; other alerts stay unsent."""
        self._is_stopped = True
        for task in self._tasks:
            if task not in self._sending:
                task.cancel()
        if self._sending:
            await asyncio.wait(self._sending, timeout=within_s)
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._tasks = []
        self._is_stopped = False

    async def _run(self, target: Target) -> None:
        failures = 0
        while not self._is_stopped:
            await self._queued[target.id].wait()
            if not self._waiting[target.id]:
                self._queued[target.id].clear()
                continue
            alert = self._waiting[target.id][0]
            try:
                with self._is_sending():
                    await self._send(target, alert)
            except (ServiceUnavailableError, TimeoutError) as err:
                failures += 1
                self._metrics.notifications.labels("failed").inc()
                wait_s = self._backoff.after(failures)
                if failures == 1:
                    reason = (
                        err.message
                        if isinstance(err, ServiceUnavailableError)
                        else f"no answer within {_TIMEOUT_S:g} s"
                    )
                    _log.warning("notification_failed", target=target.name, error=reason, retry_in_s=wait_s)
                await asyncio.sleep(wait_s)
                continue
            if failures:
                _log.info("notifications_resumed", target=target.name, failures=failures)
            failures = 0

    async def _send(self, target: Target, alert: Alert) -> None:
        """Send an alert, and save immediately that it was sent, so that it is not repeated after a crash."""
        async with asyncio.timeout(_TIMEOUT_S):
            await target.send(alert, self._link_of(alert))
        self._metrics.notifications.labels("sent").inc()
        if alert in self._waiting[target.id]:
            self._waiting[target.id].remove(alert)
        await asyncio.shield(self._on_sent())

    @contextlib.contextmanager
    def _is_sending(self) -> Iterator[None]:
        task = asyncio.current_task()
        assert task is not None
        self._sending.add(task)
        try:
            yield
        finally:
            self._sending.discard(task)
