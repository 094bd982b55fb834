"""The open gaps: which is filled next, which grows, and what a full disk does to the journal."""

from __future__ import annotations

import asyncio
from pathlib import Path

from ha_ingestor_core.gaps import Gap, GapReason
from structlog.testing import capture_logs
from websocket_ingestion.gaps.journal import Journal, OpenGap
from websocket_ingestion.gaps.open_gaps import OpenGaps
from websocket_ingestion.metrics import IngestionMetrics


def gap(start_ns: int, end_ns: int, reason: GapReason = GapReason.RESTART) -> Gap:
    return Gap(home="home", start_ns=start_ns, end_ns=end_ns, reason=reason, found_ns=end_ns)


def open_gaps(folder: Path, metrics: IngestionMetrics) -> OpenGaps:
    return OpenGaps(Journal(folder / "home.json"), metrics)


def test_a_gap_that_begins_in_one_that_is_not_filled_extends_it(tmp_path: Path, metrics: IngestionMetrics) -> None:
    gaps = open_gaps(tmp_path, metrics)
    first = gaps.find(gap(10, 20))
    assert gaps.find(gap(15, 30)) is first
    assert (first.gap.start_ns, first.gap.end_ns, gaps.found) == (10, 30, 1)


def test_a_gap_after_what_was_filled_is_another(tmp_path: Path, metrics: IngestionMetrics) -> None:
    gaps = open_gaps(tmp_path, metrics)
    gaps.find(gap(10, 20)).done_ns = 12
    gaps.find(gap(15, 30))
    assert [(each.gap.start_ns, each.gap.end_ns) for each in gaps.all] == [(10, 20), (15, 30)]


def test_a_requested_backfill_does_not_grow(tmp_path: Path, metrics: IngestionMetrics) -> None:
    gaps = open_gaps(tmp_path, metrics)
    gaps.add(OpenGap(gap(10, 20, GapReason.REQUESTED)))
    gaps.find(gap(15, 30))
    assert len(gaps.all) == 2


def test_gaps_are_filled_before_the_days_before_the_first_start(tmp_path: Path, metrics: IngestionMetrics) -> None:
    gaps = open_gaps(tmp_path, metrics)
    days = gaps.add(OpenGap(gap(0, 10, GapReason.FIRST_START)))
    assert gaps.next is days
    found = gaps.find(gap(20, 30))
    assert gaps.next is found
    assert gaps.missing == [found]


async def test_waiting_ends_when_a_gap_is_complete(tmp_path: Path, metrics: IngestionMetrics) -> None:
    gaps = open_gaps(tmp_path, metrics)
    waiting = asyncio.create_task(gaps.wait_for_next())
    await asyncio.sleep(0)
    found = gaps.find(gap(10, 20))
    gaps.fill()
    assert await asyncio.wait_for(waiting, 5) is found


async def test_what_was_saved_is_loaded_by_the_next_process(tmp_path: Path, metrics: IngestionMetrics) -> None:
    gaps = open_gaps(tmp_path, metrics)
    gaps.find(gap(10, 20))
    await gaps.save()
    again = open_gaps(tmp_path, metrics)
    assert await again.load()
    assert [each.gap for each in again.all] == [each.gap for each in gaps.all]


async def test_a_damaged_journal_is_reported(tmp_path: Path, metrics: IngestionMetrics) -> None:
    (tmp_path / "home.json").write_bytes(b"{")
    assert not await open_gaps(tmp_path, metrics).load()


async def test_a_journal_that_cannot_be_written_stays_unsaved_and_is_logged_once(
    tmp_path: Path, metrics: IngestionMetrics
) -> None:
    (tmp_path / "file").write_text("")
    gaps = OpenGaps(Journal(tmp_path / "file" / "home.json"), metrics)
    with capture_logs() as lines:
        await gaps.save()
        await gaps.save()
    assert gaps.is_unsaved
    assert [line["event"] for line in lines] == ["open_gaps_not_saved"]
