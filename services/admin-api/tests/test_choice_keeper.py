"""The rollout's switches: kept over a restart, seen by every replica, and the environment wins."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from admin_api.choice_keeper import FILE, ChoiceKeeper
from admin_api.settings import StatsSettings
from admin_api.source_choice import SourceChoice
from ha_ingestor_core.errors import FixedByEnvironmentError, TerminalError


def keeper(folder: Path, **fixed: bool | int) -> ChoiceKeeper:
    return ChoiceKeeper(StatsSettings.model_construct(**fixed), folder, look_interval_s=0.01)  # type: ignore[arg-type]


async def test_without_anything_said_all_statistics_come_from_the_store(tmp_path: Path) -> None:
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


async def test_a_variable_wins_over_what_was_kept_and_is_named(tmp_path: Path) -> None:
    await keeper(tmp_path).change(use_influxdb_stats=True, influxdb_rollout_percent=70)
    fixed = keeper(tmp_path, use_influxdb_stats=False)
    await fixed.look()
    assert (fixed.current, fixed.variables) == (SourceChoice(False, 70), ["USE_INFLUXDB_STATS"])
    with pytest.raises(FixedByEnvironmentError, match="USE_INFLUXDB_STATS") as caught:
        await fixed.change(use_influxdb_stats=True)
    assert caught.value.detail == {"variables": ["USE_INFLUXDB_STATS"]}


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
