"""The settings of the enrichment-pipeline."""

from __future__ import annotations

import pytest
from enrichment_pipeline.settings import Settings
from ha_ingestor_core.errors import InvalidSettingsError
from ha_ingestor_core.filters.rules import FilterLists, Filters
from ha_ingestor_core.settings.loading import load_settings


@pytest.fixture(autouse=True)
def _no_settings_around(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("empty"))


def test_defaults_work_at_home() -> None:
    pipeline = load_settings(Settings).pipeline
    assert (pipeline.host, pipeline.port) == ("127.0.0.1", 8002)
    assert (pipeline.batch_size, pipeline.batch_age_ms, pipeline.queue_limit) == (5_000, None, 100_000)


def test_all_invalid_settings_are_reported_together(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {
        "FILTER_EXCLUDE_ENTITIES": "Kitchen",
        "ENRICHMENT_PIPELINE_PORT": "65536",
        "WRITE_BATCH_SIZE": "0",
        "WRITE_BATCH_AGE_MS": "x",
    }
    for variable, value in wrong.items():
        monkeypatch.setenv(variable, value)
    with pytest.raises(InvalidSettingsError) as caught:
        load_settings(Settings)
    assert {problem.variable for problem in caught.value.detail["problems"]} == set(wrong)


def test_filters_are_named_by_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FILTER_INCLUDE_ENTITIES", "light.kitchen, *_battery")
    monkeypatch.setenv("FILTER_EXCLUDE_EVENT_TYPES", "zha_*")
    settings = load_settings(Settings).filters
    assert settings.variables_set == ["FILTER_INCLUDE_ENTITIES", "FILTER_EXCLUDE_EVENT_TYPES"]
    assert settings.filters() == Filters(
        include=FilterLists(entities=["light.kitchen", "*_battery"]), exclude=FilterLists(event_types=["zha_*"])
    )


def test_no_variable_means_no_filter() -> None:
    settings = load_settings(Settings).filters
    assert (settings.variables_set, settings.filters()) == ([], Filters())
