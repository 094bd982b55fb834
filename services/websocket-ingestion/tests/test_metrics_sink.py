"""service_metrics of a process of its own: the store is opened when it is needed, and again when it could not be."""

from __future__ import annotations

from pathlib import Path

import pytest
from ha_ingestor_core.errors import IngestorError
from ha_ingestor_core.service_metrics import ServiceMetricsPoint
from ha_ingestor_store.factory import open_store
from ha_ingestor_store.settings import StoreSettings
from websocket_ingestion.metrics_sink import StoreMetricsSink

POINT = ServiceMetricsPoint("websocket-ingestion", 1_800_000_000_000_000_000, "here", {"events_received": 3})


async def test_nothing_is_opened_before_the_first_point(tmp_path: Path) -> None:
    sink = StoreMetricsSink(StoreSettings.model_validate({"data_dir": tmp_path / "data"}))
    await sink.close()
    assert not (tmp_path / "data").exists()


async def test_a_store_that_cannot_be_opened_is_tried_again(tmp_path: Path) -> None:
    settings = StoreSettings.model_validate({"data_dir": tmp_path / "data"})
    (tmp_path / "data").write_text("a file where the folder should be")
    sink = StoreMetricsSink(settings)
    with pytest.raises(IngestorError):
        await sink.write_service_metrics([POINT])
    (tmp_path / "data").unlink()
    await sink.write_service_metrics([POINT])
    await sink.close()
    store = await open_store(settings)
    latest = await store.latest_metrics("websocket-ingestion")
    await store.close()
    assert [metric.value for metric in latest if metric.name == "events_received"] == [3]
