"""The filters in force: where they come from, and that they outlive the process."""

from __future__ import annotations

from pathlib import Path

import pytest
from enrichment_pipeline.current_filters import FILE, CurrentFilters
from enrichment_pipeline.settings import FilterSettings
from ha_ingestor_core.errors import FixedByEnvironmentError, InvalidInputError, TerminalError
from ha_ingestor_core.filters.event_filter import EventFilteredError
from ha_ingestor_core.filters.rules import FilterLists, Filters, FilterSource

NOT_LIGHTS = Filters(exclude=FilterLists(domains=["light"]))


def settings(**values: str) -> FilterSettings:
    return FilterSettings(**values)


async def test_by_default_nothing_is_filtered(tmp_path: Path) -> None:
    keeper = CurrentFilters(settings(), tmp_path)
    await keeper.load()
    in_force = await keeper.filters()
    assert (in_force.source, in_force.include, in_force.exclude) == (FilterSource.DEFAULT, FilterLists(), FilterLists())


async def test_what_is_set_is_in_force_at_once_and_outlives_the_process(tmp_path: Path) -> None:
    keeper = CurrentFilters(settings(), tmp_path)
    await keeper.set_filters(NOT_LIGHTS)
    with pytest.raises(EventFilteredError):
        keeper.current.check_entity("light.kitchen")

    later = CurrentFilters(settings(), tmp_path)
    await later.load()
    assert await later.filters() == await keeper.filters()
    assert (await later.filters()).source is FilterSource.STORED
    with pytest.raises(EventFilteredError):
        later.current.check_entity("light.kitchen")


async def test_a_variable_wins_over_what_was_kept_and_cannot_be_changed(tmp_path: Path) -> None:
    await CurrentFilters(settings(), tmp_path).set_filters(NOT_LIGHTS)
    keeper = CurrentFilters(settings(exclude_entities="sensor.a, *_debug,"), tmp_path)
    await keeper.load()
    in_force = await keeper.filters()
    assert in_force.exclude == FilterLists(entities=["sensor.a", "*_debug"])
    assert (in_force.source, in_force.variables) == (FilterSource.ENVIRONMENT, ["FILTER_EXCLUDE_ENTITIES"])
    with pytest.raises(FixedByEnvironmentError, match="FILTER_EXCLUDE_ENTITIES"):
        await keeper.set_filters(NOT_LIGHTS)


async def test_an_invalid_pattern_changes_nothing(tmp_path: Path) -> None:
    keeper = CurrentFilters(settings(), tmp_path)
    with pytest.raises(InvalidInputError, match=r"include\.entities must be"):
        await keeper.set_filters(Filters(include=FilterLists(entities=["Kitchen"])))
    assert (await keeper.filters()).source is FilterSource.DEFAULT
    assert not (tmp_path / FILE).exists()


async def test_what_cannot_be_kept_is_not_put_in_force(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    keeper = CurrentFilters(settings(), tmp_path / "file")
    with pytest.raises(TerminalError, match="Cannot write"):
        await keeper.set_filters(NOT_LIGHTS)
    keeper.current.check_entity("light.kitchen")


@pytest.mark.parametrize("content", [b"", b"{", b'{"include": 1}', b'{"include": {"domains": ["A B"]}}', b"\xff"])
async def test_with_a_file_that_cannot_be_understood_nothing_is_filtered(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    keeper = CurrentFilters(settings(), tmp_path)
    await keeper.load()
    assert (await keeper.filters()).source is FilterSource.DEFAULT
