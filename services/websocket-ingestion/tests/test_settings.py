"""The settings of websocket-ingestion, by environment variable."""

from __future__ import annotations

from pathlib import Path

import pytest
from ha_ingestor_core.errors import InvalidSettingsError
from ha_ingestor_core.settings.loading import load_settings
from websocket_ingestion.settings import Settings

VARIABLES = (
    "WEBSOCKET_INGESTION_HOST",
    "WEBSOCKET_INGESTION_PORT",
    "ENRICHMENT_PIPELINE_URL",
    "SPOOL_MEMORY_BYTES",
    "SPOOL_LIMIT_BYTES",
    "FORWARD_BATCH_SIZE",
    "FORWARD_BATCH_BYTES",
)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (*VARIABLES, "HA_URL", "HA_TOKEN", "HA_HOME", "INFLUXDB_URL", "INSTANCE", "INTERNAL_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def test_the_defaults_work_at_home() -> None:
    capture = load_settings(Settings).capture
    assert (capture.host, capture.port) == ("127.0.0.1", 8001)
    assert capture.enrichment_pipeline_url == "http://127.0.0.1:8002"
    assert (capture.spool_limit_bytes, capture.spool_memory_bytes) == (2 * 1024**3, 32 * 1024**2)


def test_a_trailing_slash_of_an_address_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENRICHMENT_PIPELINE_URL", "https://pipeline:1/")
    assert load_settings(Settings).capture.enrichment_pipeline_url == "https://pipeline:1"


def test_all_wrong_settings_are_reported_together_by_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = [name for name in VARIABLES if name != "WEBSOCKET_INGESTION_HOST"]
    for name in wrong:
        monkeypatch.setenv(name, "-1")
    with pytest.raises(InvalidSettingsError) as caught:
        load_settings(Settings)
    assert {problem.variable for problem in caught.value.detail["problems"]} == set(wrong)
