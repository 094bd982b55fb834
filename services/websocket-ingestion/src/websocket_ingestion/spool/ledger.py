"""Who counts what a spool receives: the interface, and the count of a group of events that became durable."""

from __future__ import annotations

from itertools import groupby
from typing import Protocol

from ha_ingestor_core.events import OriginKind
from ha_ingestor_core.reporting.totals import Totals

from websocket_ingestion.spool.write_queue import Put


class Ledger(Protocol):
    """Counts what the spool has received, and how it ended."""

    def count_received(self, kind: OriginKind, events: int) -> None:
        """So many events of this kind are durable now."""
        ...

    def count(self, change: Totals) -> None:
        """The totals on disk have changed by so much."""
        ...


def count_group(ledger: Ledger, group: list[Put]) -> None:
    """Count a group of events as received, by kind."""
    for kind, puts in groupby(group, key=_kind):
        ledger.count_received(kind, sum([len(put.events) for put in puts]))


def _kind(put: Put) -> OriginKind:
    return put.events[0].kind
