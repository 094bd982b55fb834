"""When a store that failed is asked again: a breaker as a state of its own, without clock hands or tasks.

Closed, everybody asks. A failure opens it, so that only the first waits for a dead store; while it is open nobody asks
but the probes, at once and then at growing intervals; the first probe that is answered closes it.
"""

from __future__ import annotations

PROBE_AFTER_S = (0.0, 0.25, 0.5, 1.0, 2.0)
"""Seconds to the first probe, from it to the second, and so on; from the last on it stays."""


class CircuitBreaker:
    """Whether the store may be asked, and if not, why not and since when (monotonic seconds)."""

    def __init__(self) -> None:
        self._failed_probes = 0
        self.reason: str | None = None
        self.opened_at: float | None = None

    @property
    def is_open(self) -> bool:
        """Nobody but a probe asks."""
        return self.opened_at is not None

    @property
    def next_probe_s(self) -> float:
        """How long to wait for the next probe."""
        return PROBE_AFTER_S[min(self._failed_probes, len(PROBE_AFTER_S) - 1)]

    def failed(self, reason: str, now: float) -> bool:
        """A question was not answered; True when that opens it."""
        if self.opened_at is not None:
            return False
        self.opened_at, self.reason = now, reason
        return True

    def probe_failed(self, reason: str) -> None:
        """A probe was not answered either."""
        self._failed_probes += 1
        self.reason = reason

    def answered(self) -> None:
        """A probe was answered: everybody may ask again."""
        self._failed_probes = 0
        self.reason = self.opened_at = None
