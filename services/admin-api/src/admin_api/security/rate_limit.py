"""The rate limit: a token bucket for each client, for a bounded number of clients."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from ha_ingestor_core.clock import Clock

_MAX_CLIENTS = 10_000
_BURST_S = 4.0


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class RateLimit:
    """Allows `rate_per_s` requests a second, with bursts of four times as many; 0 is no limit.

    Beyond `max_clients`, the least recently seen client is dropped, and starts with a full bucket.
    """

    def __init__(self, rate_per_s: float, clock: Clock, *, max_clients: int = _MAX_CLIENTS) -> None:
        self._rate = rate_per_s
        self._burst = max(1.0, rate_per_s * _BURST_S)
        self._clock = clock
        self._max_clients = max_clients
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def wait_s(self, client: str) -> float:
        """Take a request from the bucket of a client; return 0 if it is allowed, otherwise the seconds to wait."""
        if not self._rate:
            return 0.0
        bucket = self._filled(client)
        if bucket.left < 1.0:
            return (1.0 - bucket.left) / self._rate
        bucket.left -= 1.0
        return 0.0

    def charge(self, client: str, requests: float) -> None:
        """Take several requests from the bucket of a client, such as for an invalid token."""
        if self._rate:
            bucket = self._filled(client)
            bucket.left = max(-self._burst, bucket.left - requests)

    def _filled(self, client: str) -> _Bucket:
        now = self._clock.monotonic()
        bucket = self._buckets.get(client)
        if bucket is None:
            bucket = self._buckets[client] = _Bucket(self._burst, now)
            if len(self._buckets) > self._max_clients:
                self._buckets.popitem(last=False)
            return bucket
        self._buckets.move_to_end(client)
        bucket.left = min(self._burst, bucket.left + (now - bucket.at) * self._rate)
        bucket.at = now
        return bucket
