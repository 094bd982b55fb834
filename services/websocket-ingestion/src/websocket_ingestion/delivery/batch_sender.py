"""One batch on its way: repeated until it is acknowledged, taken apart where one event spoils it."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable

import msgspec
import structlog
from ha_ingestor_core.cancelled import end_if_cancelled
from ha_ingestor_core.clock import Clock
from ha_ingestor_core.delivery import EventDelivery, Receipt, Rejection
from ha_ingestor_core.errors import (
    IngestorError,
    InvalidInputError,
    RegistryUnknownError,
    TerminalError,
    TransientError,
    UnexpectedError,
)
from ha_ingestor_core.events import EventBatch, OriginKind, RawEvent, Registries
from ha_ingestor_core.reporting.totals import ended_by
from ha_ingestor_core.reporting.transfer_rate import TransferRate
from msgspec import Raw, Struct

from websocket_ingestion.errors import ReceiptMismatchError
from websocket_ingestion.gaps.outcomes import runs
from websocket_ingestion.metrics import DeliveryResult, IngestionMetrics

_log = structlog.get_logger()

_REFUSED_TEXT_LIMIT = 1_000_000
_HURRIED_S = 0.1
_UNEXPECTED_ATTEMPTS = 4


class DeliveryBackoff(Struct, frozen=True):
    """How long to wait before a batch is repeated, in seconds."""

    first_s: float = 0.2
    longest_s: float = 30.0
    terminal_s: float = 60.0


def delivery_backoff(attempt: int, error: IngestorError, jitter: float, limits: DeliveryBackoff) -> float:
    """Return the seconds to wait after the attempt-th failure in a row (from 1), for a jitter of 0 to 1.

    A requested delay (Retry-After) is honoured up to `terminal_s`: an hour, as some proxies request, fills the spool.
    """
    if isinstance(error, TerminalError | InvalidInputError):
        return limits.terminal_s
    doubled: float = min(limits.first_s * 2.0 ** min(attempt - 1, 32), limits.longest_s)
    requested_s = error.retry_after_s if isinstance(error, TransientError) else None
    return max(min(requested_s or 0.0, limits.terminal_s), doubled * (0.5 + 0.5 * jitter))


USUAL_BACKOFF = DeliveryBackoff()


class BatchSender:
    """Repeats each batch until it is acknowledged; one event cannot block those behind it."""

    def __init__(
        self,
        *,
        home: str,
        delivery: EventDelivery,
        clock: Clock,
        metrics: IngestionMetrics,
        backoff: DeliveryBackoff = USUAL_BACKOFF,
        jitter: Callable[[], float] = random.random,
        on_recovered: Callable[[list[RawEvent], Receipt], None] = lambda events, receipt: None,
    ) -> None:
        self.registries: Registries | None = None
        self.last_error: str | None = None
        self.delivered = TransferRate(clock)
        self._home = home
        self._delivery = delivery
        self._clock = clock
        self._metrics = metrics
        self._backoff = backoff
        self._jitter = jitter
        self._on_recovered = on_recovered
        self._sent_version: str | None = None
        self._refused_version: str | None = None
        self._hurry = asyncio.Event()
        self._failing_since: float | None = None
        self._logged_key: str | None = None

    def hurry(self) -> None:
        """Wait only briefly between attempts from now on, because the service stops."""
        self._hurry.set()

    async def deliver(self, events: list[RawEvent]) -> Receipt:
        """Return the receipt of the events once all of them have ended, however long that takes.

        Changes recovered from the history are sent separately, so that `on_recovered` gets a receipt for them alone.
        """
        offset = 0
        whole = Receipt()
        for run in runs(events):
            receipt = await self._deliver(run)
            if run[0].kind is OriginKind.BACKFILL:
                self._on_recovered(run, receipt)
            whole = merge_receipts(whole, receipt, offset=offset)
            offset += len(run)
        return whole

    async def _deliver(self, events: list[RawEvent]) -> Receipt:
        """Deliver events in one batch.

        A batch that is invalid as a whole is halved, down to the event that causes it. That event is sent as plain
        text, to be rejected and saved; where the text is refused as well, the event is sent unchanged after the wait.
        """
        attempt = 0
        is_text = False
        previous: IngestorError | None = None
        while True:
            end_if_cancelled()
            attempt += 1
            try:
                receipt = await self._attempt([_as_text(events[0])] if is_text else events)
            except Exception as err:
                error = self._translated(err, len(events))
                self._metrics.deliveries[_result(error)].inc()
            else:
                self._metrics.deliveries[DeliveryResult.ACKNOWLEDGED].inc()
                self._log_recovery()
                if is_text and previous is not None:
                    _log.warning("event_set_aside", key=previous.key, error=previous.message)
                return receipt
            if _is_batch_invalid(error, attempt):
                if len(events) > 1:
                    return await self._halve(events)
                is_text = not is_text
                if is_text:
                    previous = error
                    continue
            if isinstance(error, RegistryUnknownError):
                self._sent_version = None
            if not isinstance(error, RegistryUnknownError) or isinstance(previous, RegistryUnknownError):
                await self._wait(attempt, error, len(events))
            previous = error

    async def _attempt(self, events: list[RawEvent]) -> Receipt:
        version = await self._send_registries()
        begin = self._clock.monotonic()
        receipt = await self._delivery.deliver(EventBatch(self._home, events, version))
        ended = ended_by(receipt).ended
        if ended != len(events):
            raise ReceiptMismatchError(f"the receipt accounts for {ended} of {len(events)} events")
        self.delivered.add(len(events), self._clock.monotonic() - begin)
        return receipt

    async def _send_registries(self) -> str | None:
        """Send the latest registries if they are new; return their version, None where they are refused."""
        registries = self.registries
        if registries is None or registries.version == self._refused_version:
            return None
        if registries.version != self._sent_version:
            try:
                await self._delivery.deliver_registries(registries)
            except Exception as err:
                error = self._translated(err, 0)
                if not isinstance(error, InvalidInputError | UnexpectedError):
                    raise
                self._refused_version = registries.version
                _log.error("registries_refused", error=error.message, then="events are delivered without names")
                return None
            self._sent_version = registries.version
        return registries.version

    async def _halve(self, events: list[RawEvent]) -> Receipt:
        half = len(events) // 2
        first = await self._deliver(events[:half])
        second = await self._deliver(events[half:])
        return merge_receipts(first, second, offset=half)

    def _translated(self, err: Exception, events: int) -> IngestorError:
        if isinstance(err, IngestorError):
            return err
        if self._logged_key != UnexpectedError.key:
            _log.exception("delivery_failed_unexpectedly", events=events)
        return UnexpectedError(f"{type(err).__name__}: {err}")

    async def _wait(self, attempt: int, error: IngestorError, events: int) -> None:
        delay = delivery_backoff(attempt, error, self._jitter(), self._backoff)
        self._log_failure(error, delay, events)
        if self._hurry.is_set():
            await asyncio.sleep(min(delay, _HURRIED_S))
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(delay):
                await self._hurry.wait()

    def _log_failure(self, error: IngestorError, delay: float, events: int) -> None:
        self._failing_since = self._failing_since if self._failing_since is not None else self._clock.monotonic()
        self.last_error = error.message
        repeated = self._logged_key == error.key
        self._logged_key = error.key
        log = _log.debug if repeated else _log.warning if isinstance(error, TransientError) else _log.error
        log("delivery_failed", key=error.key, error=error.message, events=events, retry_in_s=round(delay, 1))

    def _log_recovery(self) -> None:
        if self._failing_since is not None:
            after_s = round(self._clock.monotonic() - self._failing_since, 3)
            _log.info("delivery_recovered", after_s=after_s)
            self._failing_since = self.last_error = self._logged_key = None


def merge_receipts(first: Receipt, second: Receipt, *, offset: int) -> Receipt:
    """Return the receipt of two parts of a batch, the second of which began at `offset`."""
    moved = [Rejection(rejection.index + offset, rejection.key, rejection.message) for rejection in second.rejected]
    return Receipt(
        written=first.written + second.written,
        duplicate=first.duplicate + second.duplicate,
        filtered=first.filtered + second.filtered,
        expired=first.expired + second.expired,
        rejected=[*first.rejected, *moved],
    )


def _result(error: IngestorError) -> DeliveryResult:
    if isinstance(error, RegistryUnknownError):
        return DeliveryResult.REGISTRY_UNKNOWN
    return DeliveryResult.INVALID if isinstance(error, InvalidInputError) else DeliveryResult.FAILED


def _is_batch_invalid(error: IngestorError, attempt: int) -> bool:
    """Whether the error may be caused by one event; an unexpected error is after a few attempts."""
    if isinstance(error, UnexpectedError):
        return attempt >= _UNEXPECTED_ATTEMPTS
    return isinstance(error, InvalidInputError)


def _as_text(event: RawEvent) -> RawEvent:
    text = bytes(event.event).decode("utf-8", "backslashreplace")[:_REFUSED_TEXT_LIMIT]
    return RawEvent(Raw(msgspec.json.encode(text)), event.received_ns, event.kind)
