"""The errors between Home Assistant and this service."""

from __future__ import annotations

from ha_ingestor_core.errors import IngestorError, TerminalError, TransientError

NO_EVENT = "timeout"
"""The code of a subscription whose first event did not arrive in time; the next attempt may succeed."""

NEVER_HELPS = frozenset({"unknown_command", "unauthorized"})
"""Permanent refusals: this release does not have the command, or the token lacks the right."""


class HomeAssistantUnreachableError(TransientError):
    """No WebSocket could be opened: wrong address, network failure, or Home Assistant does not run."""

    key = "home_assistant_unreachable"


class ConnectionLostError(TransientError):
    """The connection ended, or nothing was received."""

    key = "connection_lost"


class AuthInvalidError(TerminalError):
    """Home Assistant refused the access token."""

    key = "auth_invalid"


class ForbiddenError(TerminalError):
    """Home Assistant, or a proxy, answered 403: the address of this service is banned or not allowed."""

    key = "forbidden"


class CertificateRefusedError(TerminalError):
    """Home Assistant's TLS certificate is not trusted."""

    key = "certificate_refused"


class CommandRefusedError(IngestorError):
    """Home Assistant answered a command with an error; `code` is its own."""

    key = "command_refused"

    def __init__(self, command: str, code: str, message: str) -> None:
        super().__init__(f"{command}: {message} ({code})", command=command, code=code)
        self.code = code


class SubscriptionRefusedError(TerminalError):
    """The token is valid, but does not allow a subscription."""

    key = "subscription_refused"


class ReceiptMismatchError(TerminalError):
    """A receipt does not account for every event of its batch, so the batch counts as not acknowledged."""

    key = "receipt_mismatch"


class SpoolUnusableError(TerminalError):
    """The spool's folder cannot be created or written, or another process captures the same home into it."""

    key = "spool_unusable"
