"""Checks made one after the other, and clocks compared."""

from __future__ import annotations

from email.utils import formatdate

import pytest
from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_core.errors import StoreUnavailableError
from ha_ingestor_store.checkup import CheckRun, Finding, Status, compare_clocks, good, note, problem

NOW_S = 1_795_478_400


async def fine() -> Finding:
    return good("fine", "all is well")


async def raising() -> Finding:
    raise StoreUnavailableError("away")


async def stumbling() -> Finding:
    raise ZeroDivisionError("division by zero")


async def test_an_error_is_a_problem_with_the_advice_for_it() -> None:
    finding = await CheckRun().run("server", raising, advice="start it")
    assert finding == problem("server", "away", "start it")


async def test_a_mistake_of_ours_is_a_problem_too() -> None:
    finding = await CheckRun().run("server", stumbling)
    assert finding.status is Status.PROBLEM
    assert "ZeroDivisionError" in finding.message


async def test_what_needs_a_failed_check_is_skipped_and_what_needs_that_too() -> None:
    checks = CheckRun()
    await checks.run("server", raising)
    second = await checks.run("bucket", fine, "server")
    third = await checks.run("read", fine, "bucket")
    other = await checks.run("folder", fine)
    assert [second.status, third.status, other.status] == [Status.SKIPPED, Status.SKIPPED, Status.GOOD]
    assert "server" in second.message


async def test_a_note_is_no_reason_to_skip() -> None:
    async def noted() -> Finding:
        return note("clocks", "differ", "set them")

    checks = CheckRun()
    await checks.run("clocks", noted)
    assert (await checks.run("read", fine, "clocks")).status is Status.GOOD


@pytest.mark.parametrize(
    ("ours_s", "status"),
    [
        (0.5, Status.GOOD),
        (2.4, Status.GOOD),
        (2.6, Status.NOTE),
        (-1.6, Status.NOTE),
        (29, Status.NOTE),
        (31, Status.PROBLEM),
    ],
)
def test_clocks_may_differ_by_two_seconds_and_must_not_by_thirty(ours_s: float, status: Status) -> None:
    at_ns = round((NOW_S + ours_s) * NS_PER_S)
    half_ns = NS_PER_S // 10
    date = formatdate(NOW_S, usegmt=True)  # cut to its second: it was half a second later on average
    assert compare_clocks("clocks", "it", date, at_ns - half_ns, at_ns + half_ns, "NTP").status is status


@pytest.mark.parametrize("date", ["", "yesterday", "Tue, 99 Foo 2026"])
def test_a_server_that_tells_no_time_is_no_problem(date: str) -> None:
    assert compare_clocks("clocks", "it", date, 0, 0, "NTP").status is Status.SKIPPED
