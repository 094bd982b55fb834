"""What could not be recovered is said in sentences that a person understands."""

from __future__ import annotations

from ha_ingestor_core.gaps import Gap, GapReason
from websocket_ingestion.errors import CommandRefusedError
from websocket_ingestion.gaps import unrecoverable as losses
from websocket_ingestion.gaps.filling_plan import DAY_NS, FillingLimits

GAP = Gap(home="home", start_ns=0, end_ns=DAY_NS, reason=GapReason.RESTART, found_ns=0)


def test_a_missing_history_and_a_missing_right_have_different_sentences() -> None:
    assert "history integration" in losses.history_refused(CommandRefusedError("h", "unknown_command", "?"))
    assert "does not allow this token" in losses.history_refused(CommandRefusedError("h", "unauthorized", "?"))


def test_nothing_is_said_of_nothing() -> None:
    assert losses.not_recorded([]) == []
    assert losses.too_old(GAP, 0, FillingLimits()) == []


def test_changes_that_the_recorder_purged_name_the_setting_and_the_time() -> None:
    (sentence,) = losses.too_old(GAP, DAY_NS // 2, FillingLimits(keep_days=7))
    assert "before 1970-01-01 12:00 UTC" in sentence
    assert "HISTORY_KEEP_DAYS=7" in sentence
