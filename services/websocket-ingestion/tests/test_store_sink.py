"""What a process of its own reports: the store is opened when it is needed, and again when it could not be."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from ha_ingestor_core.errors import IngestorError
from ha_ingestor_core.gaps import Gap, GapReason
from ha_ingestor_core.service_metrics import ServiceMetricsPoint
from ha_ingestor_store.factory import open_store
from ha_ingestor_store.questions import RecentGaps
from ha_ingestor_store.settings import StoreSettings
from ha_ingestor_store.time_range import TimeRange
from websocket_ingestion.store_sink import StoreSink

POINT = ServiceMetricsPoint("websocket-ingestion", 1_800_000_000_000_000_000, "here", {"events_received": 3})

GAP = Gap(home="home", start_ns=10, end_ns=20, reason=GapReason.CONNECTION_LOST, found_ns=30)


async def test_nothing_is_opened_before_the_first_point(tmp_path: Path) -> None:
    sink = StoreSink(StoreSettings.model_validate({"data_dir": tmp_path / "data"}))
    await sink.close()
    assert not (tmp_path / "data").exists()


async def test_a_store_that_cannot_be_opened_is_tried_again(tmp_path: Path) -> None:
    settings = StoreSettings.model_validate({"data_dir": tmp_path / "data"})
    (tmp_path / "data").write_text("a file where the folder should be")
    sink = StoreSink(settings)
    with pytest.raises(IngestorError):
        await sink.write_service_metrics([POINT])
    (tmp_path / "data").unlink()
    await asyncio.gather(sink.write_service_metrics([POINT]), sink.write_gaps([GAP]))
    await sink.close()
    store = await open_store(settings)
    assert (await store.reader.gaps(RecentGaps(TimeRange(0, 1000)))).gaps == [GAP]
    latest = await store.reader.latest_metrics("websocket-ingestion")
    await store.close()
    assert [metric.value for metric in latest if metric.name == "events_received"] == [3]
