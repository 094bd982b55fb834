"""Rate and duration of transfers to another component over the last five minutes."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from msgspec import Struct

from ha_ingestor_core.clock import Clock
from ha_ingestor_core.reporting.event_rate import RECENT_S, EventRate

_TIMES_KEPT = 1_000


class Transfers(Struct, frozen=True):
    """The rate of transfers, and quantiles of their duration; None where unknown."""

    per_minute: float | None = None
    latency_p50_ms: float | None = None
    latency_p95_ms: float | None = None


class TransferRate:
    """Records the transfers to one other component."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rate = EventRate(clock)
        self._times: deque[tuple[float, float]] = deque(maxlen=_TIMES_KEPT)

    @property
    def per_minute(self) -> float:
        """Return the amount per minute."""
        return self._rate.per_minute()

    def add(self, amount: int, seconds: float) -> None:
        """Record a successful transfer."""
        self._rate.add(amount)
        self._times.append((self._clock.monotonic(), seconds * 1000))

    def recent_ms(self) -> list[float]:
        """Return the durations of the newest transfers, at most 1,000."""
        oldest = self._clock.monotonic() - RECENT_S
        return [milliseconds for at, milliseconds in self._times if at > oldest]


def transfers(rates: Iterable[TransferRate]) -> Transfers:
    """Return several transfers to one component as one: the sum of rates, and quantiles of all durations."""
    rates = list(rates)
    times = sorted(each for rate in rates for each in rate.recent_ms())
    return Transfers(sum(rate.per_minute for rate in rates), nearest_rank(times, 50), nearest_rank(times, 95))


def nearest_rank(ordered: list[float], percent: int) -> float | None:
    """Return a percentile of ordered values by nearest rank; None where there are none."""
    return ordered[-(-percent * len(ordered) // 100) - 1] if ordered else None
