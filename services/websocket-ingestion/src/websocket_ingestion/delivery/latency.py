"""The latency of the events of a batch: from their arrival, or from when they were due, to the acknowledgement."""

from __future__ import annotations

from bisect import bisect_left

from ha_ingestor_core.clock import NS_PER_MS
from ha_ingestor_core.service_metrics import LATENCY_BOUNDS_MS, ServiceCounters


def observe_latencies(due_ns: list[int], ended_ns: int, counters: ServiceCounters) -> None:
    """Count the latencies of events that were due at these times and ended at `ended_ns`."""
    for mean_ms, count in latency_groups(due_ns, ended_ns):
        counters.observe_latency(mean_ms, count)


def latency_groups(received_ns: list[int], ended_ns: int) -> list[tuple[float, int]]:
    """Return the latencies as (mean in ms, events), one group per histogram bucket; counts and sum stay exact.

    One look-up per bucket instead of one per event: arrivals are sorted already, so sorting is cheap.
    """
    latencies = sorted([max(0, ended_ns - moment) for moment in received_ns])
    groups = []
    start = 0
    for bound in LATENCY_BOUNDS_MS:
        # The first integer of nanoseconds above the bound; `bound` itself still belongs to its bucket.
        end = len(latencies) if bound == float("inf") else bisect_left(latencies, int(bound * NS_PER_MS) + 1, lo=start)
        if end > start:
            groups.append((sum(latencies[start:end]) / (end - start) / NS_PER_MS, end - start))
        start = end
    return groups
