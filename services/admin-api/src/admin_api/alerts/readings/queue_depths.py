"""The recent depths of the queues, and their growth."""

from __future__ import annotations

from collections import defaultdict, deque

from admin_api.alerts.readings.reading import Found, Reading

_DEPTHS_KEPT = 10_000


class QueueDepths:
    """The recent depths of the queues, and their growth."""

    def __init__(self) -> None:
        self._depths: dict[str, deque[tuple[float, float]]] = defaultdict(lambda: deque(maxlen=_DEPTHS_KEPT))

    def note(self, service: str, now_s: float, depth: float) -> None:
        """Record the depth of a queue."""
        depths = self._depths[service]
        if not depths or depths[-1][0] < now_s:
            depths.append((now_s, depth))

    def growth(self, now_s: float, over_s: float) -> Reading:
        """Return by how much the lowest depth of the newer half exceeds the highest of the older half.

        A burst that is processed is therefore no growth. Queues without depths for the whole period are missing.
        """
        found = {}
        for service, depths in self._depths.items():
            within = [(at, depth) for at, depth in depths if at >= now_s - over_s]
            older = [depth for at, depth in within if at < now_s - over_s / 2]
            newer = [depth for at, depth in within if at >= now_s - over_s / 2]
            if older and newer and within[0][0] <= now_s - 0.9 * over_s:
                found[service] = Found(max(0.0, min(newer) - max(older)))
        return found
