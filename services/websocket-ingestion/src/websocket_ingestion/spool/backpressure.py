"""Why and how long reading from Home Assistant pauses: the spool's limits are reached, or its disk fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from ha_ingestor_core.clock import Clock

from websocket_ingestion.metrics import IngestionMetrics
from websocket_ingestion.pause_reason import WHAT_TO_CHECK, PauseReason
from websocket_ingestion.spool.limits import SpoolLimits

_log = structlog.get_logger()


class Backpressure:
    """Knows why nothing more should be read, and logs pauses and failing writes: the first loudly, repeats quietly."""

    def __init__(self, limits: SpoolLimits, clock: Clock, metrics: IngestionMetrics) -> None:
        self.waits = 0
        self.write_error: str | None = None
        self._limits = limits
        self._clock = clock
        self._metrics = metrics
        self._has_warned = False

    def reason(self, *, disk_bytes: int, uncommitted_bytes: int) -> PauseReason | None:
        """Return why nothing more should be read for now; None when it may be."""
        if self.write_error is not None:
            return PauseReason.NOT_WRITABLE
        if disk_bytes + uncommitted_bytes >= self._limits.disk_bytes:
            return PauseReason.SPOOL_FULL
        if uncommitted_bytes >= self._limits.memory_bytes:
            return PauseReason.MEMORY_FULL
        return None

    @contextmanager
    def pause(self, reason: PauseReason, *, events: Callable[[], int], size_bytes: int) -> Iterator[None]:
        """Count and log a pause of reading; the first one of an overload is a warning, the next ones are not."""
        self.waits += 1
        self._metrics.reading_pauses[reason].inc()
        log_pause, log_resume = (_log.debug, _log.debug) if self._has_warned else (_log.warning, _log.info)
        self._has_warned = True
        since = self._clock.monotonic()
        log_pause("reading_paused", reason=reason.value, events=events(), bytes=size_bytes, check=WHAT_TO_CHECK[reason])
        yield
        log_resume("reading_resumed", waited_s=round(self._clock.monotonic() - since, 3), events=events())

    def emptied(self) -> None:
        """All events are delivered: the next pause is a warning again."""
        self._has_warned = False

    def write_failed(self, err: Exception) -> None:
        """A write failed; reading pauses until one succeeds."""
        self._metrics.commit_failures.inc()
        if self.write_error is None:
            if isinstance(err, OSError):
                _log.error("spool_not_writable", error=str(err), then="reading pauses; retried until it succeeds")
            else:
                _log.exception("spool_failed_unexpectedly")
        self.write_error = str(err) or type(err).__name__

    def write_succeeded(self) -> None:
        """A write succeeded."""
        if self.write_error is not None:
            _log.info("spool_writable_again", error=self.write_error)
        self.write_error = None
