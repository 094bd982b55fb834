"""Which store the settings ask for."""

from __future__ import annotations

from pathlib import Path

import pytest
from ha_ingestor_core.errors import StoreUnavailableError
from ha_ingestor_store import open_store
from ha_ingestor_store.settings import StoreSettings
from ha_ingestor_store.store import Source


async def test_without_an_influxdb_the_embedded_store_is_opened(tmp_path: Path) -> None:
    store = await open_store(StoreSettings.model_validate({"DATA_DIR": tmp_path / "deep" / "down"}))
    assert store.capabilities.source is Source.EMBEDDED
    await store.close()


async def test_an_influxdb_that_is_away_is_found_out_at_the_first_call(tmp_path: Path) -> None:
    settings = {"INFLUXDB_URL": "http://127.0.0.1:9", "DATA_DIR": tmp_path}
    store = await open_store(StoreSettings.model_validate(settings), writes_events=True)
    assert store.capabilities.source is Source.INFLUXDB
    with pytest.raises(StoreUnavailableError, match=r"http://127\.0\.0\.1:9 did not answer"):
        await store.reader.ping()
    await store.close()
