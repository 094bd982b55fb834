"""When a store that failed is asked again: a breaker as a state of its own, without clock hands or tasks.

Closed, everybody asks. A failure says little: the question may have been too much, or of a kind that this store can't
answer. So it is suspected, and a probe, which is a question that costs nothing, decides. One that fails opens it, so
that nobody waits for a dead store; while it is open nobody asks but the probes, at growing intervals; the first that is
answered closes it.
"""

from __future__ import annotations

PROBE_AFTER_S = (0.25, 0.5, 1.0, 2.0)
"""Seconds from the first probe that fails to the second, and so on; from the last on it stays."""


class CircuitBreaker:
    """Whether the store may be asked, and if not, why not."""

    def __init__(self) -> None:
        self._failed_probes = 0
        self.reason: str | None = None

    @property
    def is_closed(self) -> bool:
        """Everybody may ask."""
        return self.reason is None

    @property
    def is_open(self) -> bool:
        """Nobody but a probe asks."""
        return self._failed_probes > 0

    @property
    def next_probe_s(self) -> float:
        """How long to wait for the next probe."""
        return PROBE_AFTER_S[min(max(self._failed_probes, 1), len(PROBE_AFTER_S)) - 1]

    def failed(self, reason: str) -> bool:
        """A question was not answered; True when the store is suspected from now on."""
        if not self.is_closed:
            return False
        self.reason = reason
        return True

    def probe_failed(self, reason: str) -> bool:
        """A probe was not answered either; True when that opens it."""
        self._failed_probes += 1
        self.reason = reason
        return self._failed_probes == 1

    def answered(self) -> None:
        """A probe was answered: everybody may ask again."""
        self._failed_probes = 0
        self.reason = None
