"""The disk of DATA_DIR as Prometheus sees it."""

from __future__ import annotations

import shutil
from pathlib import Path

from ha_ingestor_core.files.disk_metrics import observe_disk
from prometheus_client import CollectorRegistry


def test_size_and_free_space_are_shown_once_for_all_services(tmp_path: Path) -> None:
    registry = CollectorRegistry()
    for _ in range(3):
        observe_disk(registry, tmp_path)
    size = registry.get_sample_value("ha_ingestor_disk_size_bytes")
    free = registry.get_sample_value("ha_ingestor_disk_free_bytes")
    assert size == shutil.disk_usage(tmp_path).total
    assert free is not None
    assert 0 < free <= size


def test_without_the_folder_nothing_is_claimed(tmp_path: Path) -> None:
    registry = CollectorRegistry()
    observe_disk(registry, tmp_path / "missing")
    assert registry.get_sample_value("ha_ingestor_disk_free_bytes") is None
