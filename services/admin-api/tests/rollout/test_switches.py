"""The switches of the rollout: persistent, shared by all instances, and limited by the environment."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from admin_api.rollout.settings import StatsSettings
from admin_api.rollout.source_choice import Limit, SourceChoice
from admin_api.rollout.switches import FILE, LOOK_INTERVAL_S, ChoiceKeeper
from ha_ingestor_core.errors import FixedByEnvironmentError, TerminalError


def keeper(folder: Path, **fixed: bool | int) -> ChoiceKeeper:
    return ChoiceKeeper(StatsSettings.model_construct(**fixed), folder, look_interval_s=0.01)  # type: ignore[arg-type]


async def test_by_default_all_statistics_come_from_the_store(tmp_path: Path) -> None:
    assert keeper(tmp_path).current == SourceChoice(True, 100, False)


async def test_a_change_outlives_a_restart(tmp_path: Path) -> None:
    await keeper(tmp_path).change(influxdb_rollout_percent=10, stats_compare=None, use_influxdb_stats=None)
    after = keeper(tmp_path)
    await after.start()
    assert after.current == SourceChoice(influxdb_rollout_percent=10)
    await after.stop()


async def test_a_change_reaches_another_replica(tmp_path: Path) -> None:
    here, there = keeper(tmp_path), keeper(tmp_path)
    await there.start()
    await here.change(use_influxdb_stats=False)
    async with asyncio.timeout(5):
        while there.current.use_influxdb_stats:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await there.stop()


async def test_replicas_that_change_different_switches_lose_none(tmp_path: Path) -> None:
    here, there = keeper(tmp_path), keeper(tmp_path)
    await here.change(influxdb_rollout_percent=10)
    await there.change(stats_compare=True)
    await here.look()
    assert here.current == there.current == SourceChoice(influxdb_rollout_percent=10, stats_compare=True)


# plan: rollback-flag
async def test_a_rollback_at_run_time_is_in_force_elsewhere_with_the_next_look(tmp_path: Path) -> None:
    here, there = keeper(tmp_path, use_influxdb_stats=True), keeper(tmp_path, use_influxdb_stats=True)
    await there.look()
    await here.change(use_influxdb_stats=False)
    assert there.current.use_influxdb_stats
    await there.look()
    assert not here.current.use_influxdb_stats
    assert not there.current.use_influxdb_stats
    assert there.limited_by["use_influxdb_stats"] is Limit.RUN_TIME
    assert 2 * LOOK_INTERVAL_S < 5


@pytest.mark.parametrize(
    ("environment", "kept", "in_force", "limited_by"),
    [
        ({}, {}, (True, 100), (None, None)),
        ({}, {"use_influxdb_stats": False}, (False, 100), ("run_time", None)),
        ({}, {"influxdb_rollout_percent": 70}, (True, 70), (None, "run_time")),
        ({"use_influxdb_stats": False}, {"use_influxdb_stats": True}, (False, 100), ("environment", None)),
        ({"use_influxdb_stats": True}, {"use_influxdb_stats": False}, (False, 100), ("run_time", None)),
        ({"influxdb_rollout_percent": 50}, {"influxdb_rollout_percent": 70}, (True, 50), (None, "environment")),
        ({"influxdb_rollout_percent": 50}, {"influxdb_rollout_percent": 10}, (True, 10), (None, "run_time")),
        ({"influxdb_rollout_percent": 0}, {"influxdb_rollout_percent": 0}, (True, 0), (None, "environment")),
        ({"influxdb_rollout_percent": 100}, {}, (True, 100), (None, None)),
    ],
)
async def test_the_lower_of_environment_and_run_time_is_in_force(
    tmp_path: Path,
    environment: dict[str, Any],
    kept: dict[str, Any],
    in_force: tuple[bool, int],
    limited_by: tuple[str | None, str | None],
) -> None:
    await keeper(tmp_path).change(**kept)
    found = keeper(tmp_path, **environment)
    await found.look()
    assert (found.current.use_influxdb_stats, found.current.influxdb_rollout_percent) == in_force
    assert tuple(found.limited_by.values()) == limited_by


async def test_the_share_can_be_lowered_and_raised_again_up_to_the_environments(tmp_path: Path) -> None:
    kept = keeper(tmp_path, influxdb_rollout_percent=50)
    for percent in (10, 0, 50):
        assert (await kept.change(influxdb_rollout_percent=percent)).influxdb_rollout_percent == percent


@pytest.mark.parametrize(
    ("environment", "change", "variable"),
    [
        ({"use_influxdb_stats": False}, {"use_influxdb_stats": True}, "USE_INFLUXDB_STATS"),
        ({"influxdb_rollout_percent": 50}, {"influxdb_rollout_percent": 51}, "INFLUXDB_ROLLOUT_PERCENT"),
        ({"influxdb_rollout_percent": 0}, {"influxdb_rollout_percent": 1}, "INFLUXDB_ROLLOUT_PERCENT"),
        ({"stats_compare": True}, {"stats_compare": False}, "STATS_COMPARE"),
    ],
)
async def test_more_than_the_environment_allows_is_refused_and_its_variable_named(
    tmp_path: Path, environment: dict[str, Any], change: dict[str, Any], variable: str
) -> None:
    fixed = keeper(tmp_path, **environment)
    with pytest.raises(FixedByEnvironmentError, match=f"is limited by the environment \\({variable}=") as caught:
        await fixed.change(**change)
    assert caught.value.detail == {"variables": [variable]}
    assert fixed.variables == [variable]
    assert not (tmp_path / FILE).exists()


async def test_what_a_variable_fixes_is_not_kept_for_when_it_is_unset(tmp_path: Path) -> None:
    await keeper(tmp_path, use_influxdb_stats=False).change(stats_compare=True)
    later = keeper(tmp_path)
    await later.look()
    assert later.current == SourceChoice(stats_compare=True)


@pytest.mark.parametrize(
    "content", [b"", b"{", b'{"influxdb_rollout_percent": 101}', b'{"percent": 1}', b"\xff", b'{"stats_compare": 1}']
)
async def test_a_file_that_is_none_leaves_everything_as_it_is(tmp_path: Path, content: bytes) -> None:
    kept = keeper(tmp_path)
    await kept.change(influxdb_rollout_percent=30)
    (tmp_path / FILE).write_bytes(content)
    await kept.look()
    assert kept.current == SourceChoice(influxdb_rollout_percent=30)


async def test_what_can_not_be_kept_is_not_changed(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    kept = keeper(tmp_path / "file")
    with pytest.raises(TerminalError, match=FILE):
        await kept.change(stats_compare=True)
    assert not kept.current.stats_compare
