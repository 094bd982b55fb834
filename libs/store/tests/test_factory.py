"""Which store the settings ask for."""

from __future__ import annotations

from pathlib import Path

import pytest
from ha_ingestor_store import open_store
from ha_ingestor_store.settings import StoreSettings
from ha_ingestor_store.store import Source
from pydantic import ValidationError


async def test_without_an_influxdb_the_embedded_store_is_opened(tmp_path: Path) -> None:
    store = await open_store(StoreSettings(influxdb_url=None, data_dir=tmp_path / "deep" / "down"))
    assert store.capabilities.source is Source.EMBEDDED
    await store.close()


def test_an_influxdb_is_refused_and_not_silently_ignored() -> None:
    with pytest.raises(ValidationError, match="not supported by this release"):
        StoreSettings(influxdb_url="http://127.0.0.1:8086", data_dir=Path("data"))
