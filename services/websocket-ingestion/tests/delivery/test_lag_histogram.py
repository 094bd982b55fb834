"""The lag as a histogram."""

from __future__ import annotations

from ha_ingestor_core.service_metrics import ServiceCounters
from prometheus_client import CollectorRegistry
from websocket_ingestion.delivery.lag_histogram import NAME, observe_lag


def test_what_is_counted_is_shown_in_seconds(registry: CollectorRegistry, counters: ServiceCounters) -> None:
    observe_lag(registry, counters)
    counters.observe_latency(3, events=2)
    counters.observe_latency(20_000)
    assert registry.get_sample_value(f"{NAME}_bucket", {"le": "0.002"}) == 0
    assert registry.get_sample_value(f"{NAME}_bucket", {"le": "0.005"}) == 2
    assert registry.get_sample_value(f"{NAME}_bucket", {"le": "+Inf"}) == 3
    assert registry.get_sample_value(f"{NAME}_count") == 3
    assert registry.get_sample_value(f"{NAME}_sum") == 20.006
