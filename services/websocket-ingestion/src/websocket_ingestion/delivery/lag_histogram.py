"""The lag from an event's arrival to its acknowledgement, as a histogram of the latencies in the counters."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from ha_ingestor_core.service_metrics import LATENCY_BOUNDS_MS, ServiceCounters
from prometheus_client import CollectorRegistry
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import Collector

NAME = "ha_ingestor_websocket_ingestion_acknowledgement_lag_seconds"
_TEXT = "Time from an event's arrival to its acknowledgement by the store"


def observe_lag(registry: CollectorRegistry, counters: ServiceCounters) -> None:
    """Expose the latencies of the counters on a registry."""
    registry.register(_Lag(counters))


class _Lag(Collector):
    def __init__(self, counters: ServiceCounters) -> None:
        self._counters = counters

    def describe(self) -> Iterator[HistogramMetricFamily]:
        yield HistogramMetricFamily(NAME, _TEXT)

    def collect(self) -> Iterator[HistogramMetricFamily]:
        counts = accumulate(self._counters.latency_counts)
        bounds = ("+Inf" if bound == float("inf") else str(bound / 1000) for bound in LATENCY_BOUNDS_MS)
        yield HistogramMetricFamily(
            NAME,
            _TEXT,
            buckets=list(zip(bounds, counts, strict=True)),
            sum_value=self._counters.latency_sum_ms / 1000,
        )
