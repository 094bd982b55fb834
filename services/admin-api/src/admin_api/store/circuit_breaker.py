"""The circuit breaker of the store: pure state, without clock or tasks.

Closed: queries pass. A failed query may be at fault itself, so it does not open the breaker: the store is suspected,
and a probe, which is a cheap query, decides. A failed probe opens the breaker. Open: only probes pass, at growing
intervals. The first successful probe closes it.
"""

from __future__ import annotations

PROBE_AFTER_S = (0.25, 0.5, 1.0, 2.0)
"""Seconds between probes, after the first, second, … failure; the last value repeats."""


class CircuitBreaker:
    """Whether queries pass, and if not, the reason."""

    def __init__(self) -> None:
        self._failed_probes = 0
        self.reason: str | None = None

    @property
    def is_closed(self) -> bool:
        """Whether queries pass."""
        return self.reason is None

    @property
    def is_open(self) -> bool:
        """Whether only probes pass."""
        return self._failed_probes > 0

    @property
    def next_probe_s(self) -> float:
        """Seconds until the next probe."""
        return PROBE_AFTER_S[min(max(self._failed_probes, 1), len(PROBE_AFTER_S)) - 1]

    def failed(self, reason: str) -> bool:
        """Record a failed query; return True if the store becomes suspected."""
        if not self.is_closed:
            return False
        self.reason = reason
        return True

    def probe_failed(self, reason: str) -> bool:
        """Record a failed probe; return True if this opens the breaker."""
        self._failed_probes += 1
        self.reason = reason
        return self._failed_probes == 1

    def answered(self) -> None:
        """Record a successful probe: close the breaker."""
        self._failed_probes = 0
        self.reason = None
