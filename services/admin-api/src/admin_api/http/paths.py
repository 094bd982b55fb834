"""The paths of the API, as opposed to the files of the dashboard."""

from __future__ import annotations

_METRICS = "/metrics"
_GUARDED = ("/api", _METRICS)


def is_guarded(path: str) -> bool:
    """Return whether a path without a route belongs to the API, and not to the files of the dashboard."""
    return is_below(path, _GUARDED)


def is_below(path: str, prefixes: tuple[str, ...]) -> bool:
    return any(path == prefix or path.startswith(f"{prefix}/") for prefix in prefixes)
