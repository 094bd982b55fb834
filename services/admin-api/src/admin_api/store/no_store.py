"""A reader without a store, used before a connection is open."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, cast

from ha_ingestor_core.errors import StoreUnavailableError
from ha_ingestor_store.store import StoreReader


def no_store(reason: str) -> StoreReader:
    """Return a reader whose methods raise StoreUnavailableError with this reason."""
    return cast("StoreReader", _NoStore(reason))


class _NoStore:
    def __init__(self, reason: str) -> None:
        self._reason = reason

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        async def refuse(*_: Any, **__: Any) -> Any:
            raise StoreUnavailableError(self._reason)

        return refuse
