"""Prometheus metrics of the disk of DATA_DIR."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

_SIZE = ("ha_ingestor_disk_size_bytes", "Size of the disk that DATA_DIR is on")
_FREE = ("ha_ingestor_disk_free_bytes", "Free space of the disk that DATA_DIR is on")


def observe_disk(registry: CollectorRegistry, folder: Path) -> None:
    """Register the metrics of the disk of a folder, once for all services of a process."""
    with contextlib.suppress(ValueError):  # already registered by another service of this process
        registry.register(_Disk(folder))


class _Disk(Collector):
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def describe(self) -> Iterator[GaugeMetricFamily]:
        yield GaugeMetricFamily(*_SIZE)
        yield GaugeMetricFamily(*_FREE)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            usage = shutil.disk_usage(self._folder)
        except OSError:  # the folder does not exist yet, or cannot be read: no value
            return
        yield GaugeMetricFamily(*_SIZE, value=usage.total)
        yield GaugeMetricFamily(*_FREE, value=usage.free)
