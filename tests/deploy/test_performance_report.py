"""The report of `make performance` states which figures of the plan are met; those of the committed one are."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.page_load import Load
from benchmarks.performance_report import Query, Report, markdown

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "performance.md"
NOW = datetime(2026, 11, 30, tzinfo=UTC)
FAST, SLOW = Load(100, 200, 300, 20), Load(150, 400, 900, 12)


def page(
    *, p95_ms: float = 50, at_once_ms: float = 300, share_percent: float = 100, before: list[Load] | None = None
) -> str:
    """Return a page of a report that meets everything except the given values."""
    report = Report("influxdb-1", [Query("trend", "1h", 20, p95_ms)], at_once_ms, share_percent, 21, before, [FAST])
    return markdown(report, machine="a machine", before="abc", now=NOW)


def verdicts(text: str) -> list[str]:
    """Return the last column of the plan's figures."""
    return re.findall(r"\| (\**(?:not )?(?:met|measured)\**) \|$", text, re.MULTILINE)


def test_what_is_met_is_said() -> None:
    assert verdicts(page(before=[SLOW])) == ["met"] * 4


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (page(p95_ms=201, before=[SLOW]), 0),
        (page(at_once_ms=2_001, before=[SLOW]), 1),
        (page(share_percent=99, before=[SLOW]), 2),
        (page(before=[Load(90, 199, 1, 1)]), 3),
    ],
)
def test_what_is_not_met_is_said(text: str, place: int) -> None:
    assert [found == "**not met**" for found in verdicts(text)] == [at == place for at in range(4)]


def test_without_the_commit_before_nothing_is_claimed() -> None:
    assert verdicts(page(before=None)) == ["met", "met", "met", "not measured"]


# plan: success-latency
def test_the_newest_report_meets_the_plan_for_queries() -> None:
    assert verdicts(PAGE.read_text(encoding="utf-8"))[:3] == ["met"] * 3


# plan: success-load
def test_the_newest_report_meets_the_plan_for_the_load_time() -> None:
    assert verdicts(PAGE.read_text(encoding="utf-8"))[3] == "met"
