"""The error tree: retry, operator must act, or caller must act. Each class has a stable key.

The key is the log field, the metric label, the `error.key` of an HTTP response and the heading in the runbooks.
"""

from __future__ import annotations

from typing import Any, ClassVar

from ha_ingestor_core.redaction import without_secrets


class IngestorError(Exception):
    """Base of all errors of HA Ingestor; `detail` holds machine-readable values. Secrets are removed from both."""

    key: ClassVar[str] = "internal_error"

    def __init__(self, message: str, **detail: Any) -> None:
        self.message = without_secrets(message)
        super().__init__(self.message)
        self.detail: dict[str, Any] = {
            name: without_secrets(value) if isinstance(value, str) else value for name, value in detail.items()
        }


class TransientError(IngestorError):
    """The same call may succeed later: retry with back-off, honouring `retry_after_s` where it is known."""

    key = "transient"

    def __init__(self, message: str, *, retry_after_s: float | None = None, **detail: Any) -> None:
        super().__init__(message, **detail)
        self.retry_after_s = retry_after_s


class TerminalError(IngestorError):
    """An operator must act; retries fail until then."""

    key = "terminal"


class InvalidInputError(IngestorError):
    """The caller sent invalid input; the message names the field and the expected value."""

    key = "invalid_input"


class NotFoundError(IngestorError):
    """The requested object does not exist."""

    key = "not_found"


class UnexpectedError(TransientError):
    """A programming error, logged with its traceback; it may be caused by a single event, and a retry may succeed."""

    key = "unexpected"


class BackpressureError(TransientError):
    """The receiver's queue is full; the batch was not accepted."""

    key = "queue_full"


class ServiceUnavailableError(TransientError):
    """Another service did not respond, or not in time."""

    key = "service_unavailable"


class ServiceRefusedError(TerminalError):
    """Another service refused the request because of its token or its format."""

    key = "service_refused"


class RegistryUnknownError(IngestorError):
    """The receiver does not have the registry version of the batch: send the registries, then the batch again."""

    key = "registry_unknown"


class FixedByEnvironmentError(IngestorError):
    """Environment variables prevent the change at run time; `variables` lists them."""

    key = "fixed_by_environment"


class InvalidSettingsError(TerminalError):
    """Settings are invalid; `problems` lists all of them."""

    key = "invalid_settings"


class StoreUnavailableError(TransientError):
    """The store could not be reached, was busy or did not respond in time."""

    key = "store_unavailable"


class StoreCertificateError(StoreUnavailableError):
    """The store's TLS certificate is not trusted. It is tried again, since certificates are renewed."""

    key = "certificate_refused"


class WritesRefusedError(StoreUnavailableError):
    """The server, or a proxy in front of it, refuses writes; the events wait until it accepts them."""

    key = "writes_refused"


class RejectedEventsFullError(TransientError):
    """The file of rejected events is full: batches with invalid events wait until there is room."""

    key = "rejected_events_full"


class StoreRefusedError(TerminalError):
    """The store refuses requests: missing permissions, or a missing bucket."""

    key = "store_refused"


class StoreDamagedError(StoreRefusedError):
    """The file of the embedded store is damaged or missing; events wait in the spool until an operator has acted."""

    key = "store_damaged"
