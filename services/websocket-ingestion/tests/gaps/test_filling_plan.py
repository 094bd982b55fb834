"""What is requested to fill a gap: range, windows, entities."""

from __future__ import annotations

import msgspec
import pytest
from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_core.gaps import Gap, GapReason
from websocket_ingestion.gaps.checkpoint import Checkpoint
from websocket_ingestion.gaps.elapsed import Moment
from websocket_ingestion.gaps.filling_plan import (
    DAY_NS,
    MARGIN_NS,
    chunks,
    done_share,
    first_window,
    history_range,
    is_valid_entity_id,
    next_window,
    shortened,
    summary,
)
from websocket_ingestion.gaps.gap_bounds import find_gap

NOW_NS = 1_800_000_000 * NS_PER_S


def found(checkpoint: Checkpoint | None, *, home_now_ns: int = NOW_NS, now_ns: int = NOW_NS) -> Gap | None:
    return find_gap("home", checkpoint, reason=GapReason.RESTART, home_now_ns=home_now_ns, now=Moment(now_ns))


def a_gap(start_ns: int, end_ns: int, recovered: int = 0) -> Gap:
    return Gap(
        home="home",
        start_ns=start_ns,
        end_ns=end_ns,
        reason=GapReason.RESTART,
        found_ns=NOW_NS,
        recovered=recovered,
    )


def test_what_the_recorder_has_purged_is_not_requested() -> None:
    assert history_range(a_gap(NOW_NS - 900 * DAY_NS, NOW_NS), 10) == (NOW_NS - 11 * DAY_NS, NOW_NS + MARGIN_NS)
    assert history_range(a_gap(NOW_NS - DAY_NS, NOW_NS), 10) == (NOW_NS - DAY_NS - MARGIN_NS, NOW_NS + MARGIN_NS)


def test_chunks_hold_every_entity_once() -> None:
    assert list(chunks({"c", "a", "b"}, 2)) == [["a", "b"], ["c"]]
    assert list(chunks(set(), 2)) == []


@pytest.mark.parametrize(
    ("entity_id", "may_be"),
    [("sensor.a_1", True), ("sensor", False), ("sensor.A", False), ("sensor.a__b", False), ("a.b\n", False)],
)
def test_only_what_home_assistant_takes_for_an_id_is_requested(entity_id: str, may_be: bool) -> None:
    assert is_valid_entity_id(entity_id) is may_be


def test_windows_grow_in_quiet_times_and_shrink_in_busy_ones() -> None:
    assert next_window(3600 * NS_PER_S, 10) == 7200 * NS_PER_S
    assert next_window(3600 * NS_PER_S, 5_000) == 3600 * NS_PER_S
    assert next_window(3600 * NS_PER_S, 50_000) == 1800 * NS_PER_S
    assert next_window(DAY_NS, 0) == DAY_NS
    assert next_window(60 * NS_PER_S, 50_000) == 60 * NS_PER_S


def test_a_window_that_never_ended_is_halved() -> None:
    assert first_window(3600, None) == 3600
    assert first_window(3600 * NS_PER_S, 3600 * NS_PER_S) == 1800 * NS_PER_S
    assert first_window(3600 * NS_PER_S, 61 * NS_PER_S) == 60 * NS_PER_S


@pytest.mark.parametrize(
    ("done_ns", "window_ns", "share_of_window", "share"),
    [
        (None, None, 0.0, 0.0),
        (None, 40, 0.5, 0.2),  # of the first stretch half of the entities
        (140, None, 0.0, 0.4),
        (140, 40, 0.25, 0.5),
        (190, 40, 0.5, 0.95),  # the last stretch is shorter
        (200, None, 0.0, 1.0),
        (90, 40, 0.0, 0.0),  # a gap that has grown
    ],
)
def test_how_much_was_read_counts_the_window_that_is_being_read(
    done_ns: int | None, window_ns: int | None, share_of_window: float, share: float
) -> None:
    found = done_share(100, 200, done_ns=done_ns, window_ns=window_ns, share_of_window=share_of_window)
    assert found == pytest.approx(share)


def test_the_first_names_are_listed_and_the_others_counted() -> None:
    assert shortened({"b", "a"}) == "a, b"
    many = [f"s.{n:02}" for n in range(23)]
    assert shortened(many) == f"{', '.join(many[:20])} and 3 more"


def test_the_summary_has_times_and_recovered_changes() -> None:
    gap = a_gap(1_795_528_920 * NS_PER_S, 1_795_530_660 * NS_PER_S, recovered=1204)
    assert summary(gap) == "gap 14:02–14:31 UTC closed, 1,204 changes recovered"
    assert "2026-11-23 14:31" in summary(msgspec.structs.replace(gap, start_ns=gap.end_ns - DAY_NS))
