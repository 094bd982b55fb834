"""When a refused token may be sent again, under a clock that stands still."""

from __future__ import annotations

from pathlib import Path

import pytest
from ha_ingestor_core.clock import FakeClock
from websocket_ingestion.connection.refused_token import RefusedToken, read_refusal

DAY_S = 86_400


@pytest.fixture
def refused(tmp_path: Path, clock: FakeClock) -> RefusedToken:
    return RefusedToken(tmp_path / "home.json", clock)


def refuse(refused: RefusedToken, clock: FakeClock, times: int, token: str = "old") -> None:
    for _ in range(times):
        refused.refused(token)
        clock.advance(60)


def test_a_token_is_tried_a_second_time_after_a_minute(refused: RefusedToken, clock: FakeClock) -> None:
    refused.refused("old")
    clock.advance(59)
    assert not refused.may_try("old")
    clock.advance(1)
    assert refused.may_try("old")


def test_after_two_refusals_it_is_tried_once_a_day(refused: RefusedToken, clock: FakeClock) -> None:
    refuse(refused, clock, times=2)
    tries = 0
    for _ in range(3 * 24 * 60):
        if refused.may_try("old"):
            tries += 1
            refused.refused("old")
        clock.advance(60)
    assert tries == 3


def test_another_token_is_tried_at_once(refused: RefusedToken, clock: FakeClock) -> None:
    refuse(refused, clock, times=2)
    assert refused.may_try("new")


def test_one_more_try_when_home_assistant_was_away_and_is_back(refused: RefusedToken, clock: FakeClock) -> None:
    refuse(refused, clock, times=2)
    clock.advance(3600)
    refused.probed(is_reachable=True)
    assert not refused.may_try("old")
    refused.probed(is_reachable=False)
    assert not refused.may_try("old")
    refused.probed(is_reachable=True)
    assert refused.may_try("old")
    refused.refused("old")
    assert not refused.may_try("old")


def test_a_home_assistant_that_comes_and_goes_is_not_given_it_each_time(
    refused: RefusedToken, clock: FakeClock
) -> None:
    refuse(refused, clock, times=2)
    tries = 0
    for _ in range(120):  # an hour
        refused.probed(is_reachable=False)
        refused.probed(is_reachable=True)
        if refused.may_try("old"):
            tries += 1
            refused.refused("old")
        clock.advance(30)
    assert tries == 1


def test_the_count_outlives_a_restart_and_ends_with_a_login(
    refused: RefusedToken, clock: FakeClock, tmp_path: Path
) -> None:
    refuse(refused, clock, times=2)
    assert not RefusedToken(tmp_path / "home.json", clock).may_try("old")
    refused.accepted()
    assert RefusedToken(tmp_path / "home.json", clock).may_try("old")


def test_a_login_of_another_process_counts_at_once(refused: RefusedToken, clock: FakeClock, tmp_path: Path) -> None:
    refuse(refused, clock, times=2)
    RefusedToken(tmp_path / "home.json", clock).accepted()
    assert refused.may_try("old")


def test_the_count_continues_where_it_cannot_be_saved(clock: FakeClock) -> None:
    refused = RefusedToken(Path("/proc/refused/home.json"), clock)
    refuse(refused, clock, times=2)
    assert not refused.may_try("old")


def test_the_file_holds_no_token(refused: RefusedToken, tmp_path: Path) -> None:
    refused.refused("a-secret")
    assert "a-secret" not in (tmp_path / "home.json").read_text()


@pytest.mark.parametrize("damage", [b"", b"\xff\x00", b"[]", b'{"token_sha256": 1}'])
def test_a_damaged_file_is_no_refusal(tmp_path: Path, damage: bytes, clock: FakeClock) -> None:
    (tmp_path / "home.json").write_bytes(damage)
    assert read_refusal(tmp_path / "home.json") is None
    RefusedToken(tmp_path / "home.json", clock).refused("old")
    assert read_refusal(tmp_path / "home.json") is not None


def test_a_clock_that_was_set_back_does_not_wait_for_ever(refused: RefusedToken, clock: FakeClock) -> None:
    refuse(refused, clock, times=2)
    clock.advance(-10 * DAY_S)
    assert refused.may_try("old")
