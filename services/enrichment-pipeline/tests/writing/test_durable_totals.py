"""The totals of the pipeline over the lives of its process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from enrichment_pipeline.writing.durable_totals import DurableTotals
from ha_ingestor_core.errors import StoreDamagedError
from ha_ingestor_core.reporting.report_journal import Entry, ReportJournal
from ha_ingestor_core.reporting.totals import Totals
from ha_ingestor_core.service_metrics import Counter, ServiceCounters
from ha_ingestor_store.embedded.store import EmbeddedStore
from ha_ingestor_store.points import EventPoint
from ha_ingestor_store.store import Tally
from structlog.testing import capture_logs


def keeper(folder: Path) -> DurableTotals:
    return DurableTotals(folder / "totals", service="test", counters=ServiceCounters())


async def test_a_damaged_store_leaves_what_was_reported_last_until_it_takes_events_again(tmp_path: Path) -> None:
    class Damaged:
        stored: Totals | None = None

        async def totals(self, service: str) -> Totals:
            if self.stored is None:
                raise StoreDamagedError("damaged")
            return self.stored

    store: Any = Damaged()
    journal = ReportJournal(tmp_path / "reports")
    journal.append(Entry(Totals(received=7, written=7)))
    totals = keeper(tmp_path)
    await totals.load(store, journal)
    assert totals.now == Totals(received=7, written=7)
    store.stored = Totals(received=9, written=9)  # a store counts what it takes in the same transaction
    await totals.count(Totals(received=2, written=2))
    await totals.count(Totals(received=1, written=1))
    assert totals.now == Totals(received=10, written=10)


async def test_a_store_with_fewer_events_than_reported_is_logged(tmp_path: Path) -> None:
    journal = ReportJournal(tmp_path / "reports")
    journal.append(Entry(Totals(received=7, written=7)))
    store = await EmbeddedStore.open(tmp_path)
    with capture_logs() as logs:
        await keeper(tmp_path).load(store.writer, journal)
    await store.close()
    assert [(log["event"], log["events"]) for log in logs] == [("events_missing_in_store", 7)]


async def test_without_transactions_they_are_a_file(tmp_path: Path, store: Any) -> None:
    first = keeper(tmp_path)
    await first.load(store)
    await first.count(Totals(received=3, written=2, filtered=1, time_ns=5))
    await first.count(Totals(received=1, duplicate=1, time_ns=9))
    later = keeper(tmp_path)
    await later.load(store)
    assert later.now == first.now == Totals(received=4, written=2, duplicate=1, filtered=1, time_ns=9)


async def test_counters_change_with_the_totals_and_begin_with_the_process(tmp_path: Path, store: Any) -> None:
    earlier = keeper(tmp_path)
    await earlier.load(store)
    await earlier.count(Totals(received=3, written=3))
    counters = ServiceCounters()
    later = DurableTotals(tmp_path / "totals", service="test", counters=counters)
    await later.load(store)
    await later.count(Totals(received=1, rejected=1))
    assert (counters.totals[Counter.RECEIVED], counters.totals[Counter.REJECTED]) == (1, 1)


async def test_with_transactions_they_are_the_stores(tmp_path: Path) -> None:
    store = await EmbeddedStore.open(tmp_path)
    point = EventPoint(home="home", event_type="x", time_ns=1)
    counted = Totals(received=4, filtered=1, rejected=1, time_ns=7)
    await store.writer.write_events([point, point], Tally("test", counted))
    later = keeper(tmp_path)
    await later.load(store.writer)
    assert later.now == Totals(received=4, written=1, duplicate=1, filtered=1, rejected=1, time_ns=7)
    assert not (tmp_path / "totals").exists()
    await store.close()


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff"])
async def test_a_file_that_cannot_be_understood_stops_nothing(tmp_path: Path, store: Any, content: bytes) -> None:
    (tmp_path / "totals").write_bytes(content)
    under_test = keeper(tmp_path)
    await under_test.load(store)
    assert under_test.now == Totals()


async def test_a_disk_that_takes_nothing_stops_nothing(tmp_path: Path, store: Any) -> None:
    (tmp_path / "file").touch()
    under_test = keeper(tmp_path / "file")
    under_test._is_ours = True
    await under_test.count(Totals(received=1, written=1))
    assert under_test.now.written == 1
