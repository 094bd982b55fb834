"""The queries of one evaluation of the rules."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_core.errors import IngestorError, StoreUnavailableError
from ha_ingestor_core.redaction import without_secrets
from ha_ingestor_store.answers import ServiceStatistics
from ha_ingestor_store.store import StoreReader
from ha_ingestor_store.time_range import TimeRange

_TIMEOUT_S = 5.0

T = TypeVar("T")


class Evaluation:
    """The queries of one evaluation: after the first failure the store is not queried again."""

    def __init__(self, reader: StoreReader, now_ns: int) -> None:
        self._reader = reader
        self._services: dict[int, list[ServiceStatistics]] = {}
        self.now_ns = now_ns
        self.error: str | None = None

    async def ask(self, question: Callable[[], Awaitable[T]]) -> T:
        """Run a query; raises IngestorError."""
        if self.error is not None:
            raise StoreUnavailableError(self.error)
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                return await question()
        except TimeoutError as err:
            self.error = f"no answer within {_TIMEOUT_S:g} s"
            raise StoreUnavailableError(self.error) from err
        except IngestorError as err:
            self.error = err.message
            raise
        except Exception as err:  # any error must lead to an alert, not end the evaluation
            self.error = without_secrets(repr(err))
            raise StoreUnavailableError(self.error) from err

    async def services(self, over_s: int) -> list[ServiceStatistics]:
        """Return the statistics of services over a period in seconds; raises IngestorError."""
        if over_s not in self._services:
            time_range = TimeRange(self.now_ns - over_s * NS_PER_S, self.now_ns)
            self._services[over_s] = await self.ask(lambda: self._reader.service_statistics(time_range))
        return self._services[over_s]
