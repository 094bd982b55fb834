"""How long the events of a batch took from their arrival, or from when they were due, to their acknowledgement."""

from __future__ import annotations

from bisect import bisect_left

from ha_ingestor_core.clock import NS_PER_MS
from ha_ingestor_core.service_metrics import LATENCY_BOUNDS_MS, ServiceCounters


def observe_latencies(due_ns: list[int], ended_ns: int, counters: ServiceCounters) -> None:
    """Count how long events took that were due at these moments and ended at `ended_ns`."""
    for mean_ms, count in latency_groups(due_ns, ended_ns):
        counters.observe_latency(mean_ms, count)


def latency_groups(received_ns: list[int], ended_ns: int) -> list[tuple[float, int]]:
    """The latencies as (mean in ms, events), one group a bucket of the histogram: its counts and its sum stay exact.

    One look-up a bucket in place of one an event: arrivals are sorted already, so sorting them costs next to nothing.
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
