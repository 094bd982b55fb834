"""How much goes from one part of the flow to the next, and how long that takes, over the last five minutes."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from msgspec import Struct

from ha_ingestor_core.clock import Clock
from ha_ingestor_core.reporting.event_rate import RECENT_S, EventRate

_TIMES_KEPT = 1_000


class Transfers(Struct, frozen=True):
    """The rate of what was transferred, and quantiles of the time of a transfer; None where none is known."""

    per_minute: float | None = None
    latency_p50_ms: float | None = None
    latency_p95_ms: float | None = None


class TransferRate:
    """Transfers to one other part: what each took, and how much it carried."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rate = EventRate(clock)
        self._times: deque[tuple[float, float]] = deque(maxlen=_TIMES_KEPT)

    @property
    def per_minute(self) -> float:
        """What was transferred a minute."""
        return self._rate.per_minute()

    def add(self, amount: int, seconds: float) -> None:
        """Count a transfer that has just ended well."""
        self._rate.add(amount)
        self._times.append((self._clock.monotonic(), seconds * 1000))

    def recent_ms(self) -> list[float]:
        """The times of the newest transfers, at most a thousand."""
        oldest = self._clock.monotonic() - RECENT_S
        return [milliseconds for at, milliseconds in self._times if at > oldest]


def transfers(rates: Iterable[TransferRate]) -> Transfers:
    """Return several ways to the same part as one: the sum of their rates, the quantiles of all their times."""
    rates = list(rates)
    times = sorted(each for rate in rates for each in rate.recent_ms())
    return Transfers(sum(rate.per_minute for rate in rates), nearest_rank(times, 50), nearest_rank(times, 95))


def nearest_rank(ordered: list[float], percent: int) -> float | None:
    """Return a percentile of ordered values, as one of them; None of none."""
    return ordered[-(-percent * len(ordered) // 100) - 1] if ordered else None
