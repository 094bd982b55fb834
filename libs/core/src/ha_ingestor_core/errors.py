"""The error tree: a retry helps, a person must act, or the caller must act; each class has a stable key.

The key is the log field, the metric label, the `error.key` of an HTTP answer and the heading in the runbooks.
"""

from __future__ import annotations

from typing import Any, ClassVar

from ha_ingestor_core.redaction import without_secrets


class IngestorError(Exception):
    """Root of all errors of ours; `detail` holds whatever a machine may want to read. Neither holds a secret."""

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
    """No retry helps before a person has changed something."""

    key = "terminal"


class InvalidInputError(IngestorError):
    """The caller sent something wrong; the message names the field and what was expected."""

    key = "invalid_input"


class NotFoundError(IngestorError):
    """What the caller named is not there."""

    key = "not_found"


class UnexpectedError(TransientError):
    """A mistake of ours, logged with its traceback; it may pass, or be the doing of a single event."""

    key = "unexpected"


class BackpressureError(TransientError):
    """The receiver is full; what was sent was not taken."""

    key = "queue_full"


class ServiceUnavailableError(TransientError):
    """Another service did not answer, or not in time."""

    key = "service_unavailable"


class ServiceRefusedError(TerminalError):
    """Another service refused the call, by its token or by its shape."""

    key = "service_refused"


class RegistryUnknownError(IngestorError):
    """The receiver of a batch does not hold the registry version that the batch names: send it, then repeat."""

    key = "registry_unknown"


class FixedByEnvironmentError(IngestorError):
    """An environment variable fixes or limits what was to be changed at run time; `variables` lists those."""

    key = "fixed_by_environment"


class InvalidSettingsError(TerminalError):
    """One or more settings are wrong; `problems` lists all of them."""

    key = "invalid_settings"


class StoreUnavailableError(TransientError):
    """The store could not be reached, was busy or did not answer in time."""

    key = "store_unavailable"


class StoreCertificateError(StoreUnavailableError):
    """The store's TLS certificate is not trusted; it is tried again, since certificates are renewed."""

    key = "certificate_refused"


class WritesRefusedError(StoreUnavailableError):
    """The server, or a proxy before it, refuses lines for a reason of its own; the lines wait for it to end."""

    key = "writes_refused"


class RejectedEventsFullError(TransientError):
    """The file of rejected events is full: nothing more is rejected before there is room."""

    key = "rejected_events_full"


class StoreRefusedError(TerminalError):
    """The store refuses to serve us: wrong rights, a missing bucket."""

    key = "store_refused"


class StoreDamagedError(StoreRefusedError):
    """The file of the embedded store is damaged, or gone; events wait in the spool until a person has acted."""

    key = "store_damaged"
