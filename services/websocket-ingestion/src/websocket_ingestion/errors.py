"""What can go wrong between Home Assistant and us, in our error tree."""

from __future__ import annotations

from ha_ingestor_core.errors import IngestorError, TerminalError, TransientError

NO_EVENT = "timeout"
"""The code of a subscription whose first event did not come in time: the next may."""

NEVER_HELPS = frozenset({"unknown_command", "unauthorized"})
"""Refusals that the next attempt gets, too: this release does not know the command, or the token lacks the right."""


class HomeAssistantUnreachableError(TransientError):
    """No WebSocket could be opened: address, network, or Home Assistant is not up."""

    key = "home_assistant_unreachable"


class ConnectionLostError(TransientError):
    """The connection ended, or went silent."""

    key = "connection_lost"


class AuthInvalidError(TerminalError):
    """Home Assistant refused the access token."""

    key = "auth_invalid"


class ForbiddenError(TerminalError):
    """Home Assistant, or a proxy before it, answered 403: our address is banned, or not let through."""

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
    """The token may log in, but not subscribe to anything."""

    key = "subscription_refused"


class ReceiptMismatchError(TerminalError):
    """A receipt does not account for every event of its batch, so the batch counts as not acknowledged."""

    key = "receipt_mismatch"


class SpoolUnusableError(TerminalError):
    """The spool's folder cannot be made or written to, or another process captures the same home into it."""

    key = "spool_unusable"
