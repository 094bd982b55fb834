"""The interfaces between the services; each can be called in the process or over HTTP."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Protocol

from msgspec import Struct

from ha_ingestor_core.events import EventBatch, Registries


class Rejection(Struct, frozen=True, gc=False):
    """Why the event at `index` of a batch was rejected; the event is kept in the file of rejected events."""

    index: int
    key: str
    message: str


class Receipt(Struct, frozen=True):
    """The outcome of a batch: written + duplicate + filtered + rejected + expired = events of the batch.

    Expired events are older than the retention of the store.
    """

    written: int = 0
    duplicate: int = 0
    filtered: int = 0
    expired: int = 0
    rejected: list[Rejection] = []


class ConnectionState(StrEnum):
    """The state of the connection to Home Assistant. CONNECTED means subscribed; UNKNOWN that the state is unavailable.

    A refusal (of the token, the address, the certificate, the subscription) lasts until an operator has acted.
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
        """Return whether an operator must act before a retry can succeed."""
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
    """Delivers batches of captured events to the enrichment-pipeline."""

    async def deliver(self, batch: EventBatch) -> Receipt:
        """Return once the outcome of every event is durable in the store.

        Raises TransientError (deliver the same batch again later: nothing is stored twice), TerminalError (an operator
        must act; keep the batch) and RegistryUnknownError (call deliver_registries, then deliver again).
        """
        ...

    async def deliver_registries(self, registries: Registries) -> None:
        """Transfer the registries of a home; later batches can refer to their version."""
        ...


class ReplayOutcome(StrEnum):
    """The outcome of a replayed event."""

    WRITTEN = "written"
    DUPLICATE = "duplicate"
    FILTERED = "filtered"
    EXPIRED = "expired"
    REJECTED = "rejected"


class Replayed(Struct, frozen=True):
    """The result of a replay; where the event was rejected again, `rejection` is the new reason."""

    outcome: ReplayOutcome
    replayed_ns: int
    rejection: Rejection | None = None


class Replay(Protocol):
    """Replays rejected events."""

    async def replay(self, rejected_id: str) -> Replayed:
        """Deliver a rejected event again; return the earlier outcome of an event that was already replayed.

        Raises NotFoundError, TransientError (the entry is unchanged) and TerminalError.
        """
        ...


class ServiceStatus(Protocol):
    """The status that a service reports itself: connections, and its metrics while the store is unavailable."""

    async def status(self) -> dict[str, Any]:
        """Return connections and counters since the start, as JSON-ready values."""
        ...
