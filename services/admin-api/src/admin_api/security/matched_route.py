"""Finds the route of a request as the router does. The gate decides by the route, never by the raw path."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache

from fastapi.routing import RouteContext, iter_route_contexts
from starlette.routing import BaseRoute, Match

_MOST_REMEMBERED = 1024
_LONGEST_REMEMBERED = 1024
"""Longer paths are not cached; bounds the memory of the cache."""


class MatchedRoutes:
    """Matches requests against the routes of an application with the router's own patterns.

    Comparing paths is not enough: a path pattern of Starlette also matches a path followed by a newline.
    """

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self._given = routes
        self._remembered = lru_cache(maxsize=_MOST_REMEMBERED)(self._find)

    def find(self, method: str, path: str) -> str | None:
        """Return the path format of the matching route; None where no route matches."""
        return self._remembered(method, path) if len(path) <= _LONGEST_REMEMBERED else self._find(method, path)

    @cached_property
    def _routes(self) -> list[RouteContext]:
        return list(iter_route_contexts(self._given))  # at the first request, when all routes are registered

    def _find(self, method: str, path: str) -> str | None:
        scope = {"type": "http", "method": method, "path": path, "root_path": "", "path_params": {}}
        partial: str | None = None
        for route in self._routes:
            match, _ = route.matches(scope)
            found = route.path_format or route.path or path
            if match is Match.FULL:
                return found
            if match is Match.PARTIAL and partial is None:
                partial = found
        return partial
