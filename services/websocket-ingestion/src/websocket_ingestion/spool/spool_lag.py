"""Since when the oldest event in the spool has been due; time in which more events are gathered is no delay."""

from __future__ import annotations

from ha_ingestor_core.clock import NS_PER_S

from websocket_ingestion.spool.delivery_queue import DeliveryQueue
from websocket_ingestion.spool.write_queue import WriteQueue


def due_since_ns(incoming: WriteQueue, outgoing: DeliveryQueue, *, sync_s: float) -> int | None:
    """Return when the oldest event that is not acknowledged was due; None where no event is.

    While more events are gathered, the ready ones are not due, and those that wait for their sync are after `sync_s`.
    """
    in_flight = outgoing.oldest_in_flight
    if in_flight is not None:
        return in_flight.due_ns(in_flight.events[0])
    ready = outgoing.oldest_ready
    if ready is not None and outgoing.is_gathering:
        return None
    received = [event.received_ns for event in (ready, incoming.oldest) if event is not None]
    waits_ns = round(sync_s * NS_PER_S) if outgoing.is_gathering else 0
    return min(received) + waits_ns if received else None
