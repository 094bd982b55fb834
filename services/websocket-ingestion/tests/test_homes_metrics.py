"""The metrics of several homes as one set."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from websocket_ingestion.homes_metrics import HomesMetrics


def test_every_home_has_its_label_and_a_family_appears_once() -> None:
    registries = {"main": CollectorRegistry(), "cabin": CollectorRegistry()}
    for amount, registry in enumerate(registries.values(), 1):
        Counter("x_events_total", "Events", ["kind"], registry=registry).labels(kind="live").inc(amount)
        Histogram("x_seconds", "Time", buckets=(1,), registry=registry).observe(amount)
    Gauge("x_own", "Of one alone", registry=registries["cabin"]).set(7)
    together = CollectorRegistry()
    together.register(HomesMetrics(registries))
    assert together.get_sample_value("x_events_total", {"home": "main", "kind": "live"}) == 1
    assert together.get_sample_value("x_events_total", {"home": "cabin", "kind": "live"}) == 2
    assert together.get_sample_value("x_seconds_bucket", {"home": "cabin", "le": "1.0"}) == 0
    assert together.get_sample_value("x_own", {"home": "cabin"}) == 7
    assert generate_latest(together).count(b"# TYPE x_events_total counter") == 1
