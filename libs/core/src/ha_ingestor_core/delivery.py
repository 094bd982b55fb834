"""What one service says to another: one interface each, of which a call and HTTP are the two forms."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Protocol

from msgspec import Struct

from ha_ingestor_core.events import EventBatch, Registries


class Rejection(Struct, frozen=True, gc=False):
    """Why the event at `index` of a batch was not stored; the event itself is kept among the rejected."""

    index: int
    key: str
    message: str


class Receipt(Struct, frozen=True):
    """What became of a batch. written + duplicate + filtered + rejected + expired = events of the batch.

    Expired events are older than the store keeps.
    """

    written: int = 0
    duplicate: int = 0
    filtered: int = 0
    expired: int = 0
    rejected: list[Rejection] = []


class ConnectionState(StrEnum):
    """Where the connection to Home Assistant stands; connected means subscribed, unknown that nobody could say.

    A refusal (of the token, the address, the certificate, the subscription) lasts until a person has acted.
    """

    DISCONNECTED = "disconnected"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    AUTH_INVALID = "auth_invalid"
    FORBIDDEN = "forbidden"
    CERTIFICATE_REFUSED = "certificate_refused"
    SUBSCRIPTION_REFUSED = "subscription_refused"
    STOPPED = "stopped"
    UNKNOWN = "unknown"

    @property
    def needs_a_person(self) -> bool:
        """True where no retry helps before somebody has acted."""
        return self in _NEED_A_PERSON


_NEED_A_PERSON = frozenset(
    {
        ConnectionState.AUTH_INVALID,
        ConnectionState.FORBIDDEN,
        ConnectionState.CERTIFICATE_REFUSED,
        ConnectionState.SUBSCRIPTION_REFUSED,
        ConnectionState.STOPPED,
    }
)


class EventDelivery(Protocol):
    """The seam between capture and enrichment: deliver(batch) → acknowledged."""

    async def deliver(self, batch: EventBatch) -> Receipt:
        """Return once the store has acknowledged what became of every event.

        Raises TransientError (deliver the same batch again later: nothing is stored twice), TerminalError (a person
        must act; keep the batch) and RegistryUnknownError (call deliver_registries, then deliver again).
        """
        ...

    async def deliver_registries(self, registries: Registries) -> None:
        """Make the registries of a home known; later batches may name their version."""
        ...


class ReplayOutcome(StrEnum):
    """How a rejected event ended when it was delivered again."""

    WRITTEN = "written"
    DUPLICATE = "duplicate"
    FILTERED = "filtered"
    EXPIRED = "expired"
    REJECTED = "rejected"


class Replayed(Struct, frozen=True):
    """What became of a rejected event; where it was rejected again, `rejection` is its new reason."""

    outcome: ReplayOutcome
    replayed_ns: int
    rejection: Rejection | None = None


class Replay(Protocol):
    """The rejected events, delivered again."""

    async def replay(self, rejected_id: str) -> Replayed:
        """Deliver one again; for one that was delivered before, return that outcome.

        Raises NotFoundError, TransientError (the entry stays as it is) and TerminalError.
        """
        ...


class ServiceStatus(Protocol):
    """What the Admin API asks a service itself: its connections, and its numbers while the store is down."""

    async def status(self) -> dict[str, Any]:
        """Connection and counters of the service since it started, as JSON-ready values."""
        ...
