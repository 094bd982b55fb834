"""A store that is none: what is asked where no InfluxDB is named."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, cast

from ha_ingestor_core.errors import StoreUnavailableError
from ha_ingestor_store.store import StoreReader


def no_store() -> StoreReader:
    """A reader whose every question says so."""
    return cast("StoreReader", _NoStore())


class _NoStore:
    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        async def refuse(*_: Any, **__: Any) -> Any:
            raise StoreUnavailableError("INFLUXDB_URL is not set")

        return refuse
