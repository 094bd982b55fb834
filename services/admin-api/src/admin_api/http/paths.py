"""Which paths belong to the API, and not to the dashboard's files."""

from __future__ import annotations

_METRICS = "/metrics"
_GUARDED = ("/api", _METRICS)


def is_guarded(path: str) -> bool:
    """Return whether a path that no route matches belongs to the API all the same, and is no file of the dashboard."""
    return is_below(path, _GUARDED)


def is_below(path: str, prefixes: tuple[str, ...]) -> bool:
    return any(path == prefix or path.startswith(f"{prefix}/") for prefix in prefixes)
