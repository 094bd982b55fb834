"""The filters in force: from the environment, else from DATA_DIR, changed by whoever asks; `EventFilters` as a call."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import structlog
from ha_ingestor_core.errors import FixedByEnvironmentError, TerminalError
from ha_ingestor_core.files.durable_file import read_state, write_durably
from ha_ingestor_core.filters.event_filter import EventFilter
from ha_ingestor_core.filters.rules import Filters, FiltersInForce, FilterSource, check_filters

from enrichment_pipeline.settings import FilterSettings

FILE = "filters.json"

_log = structlog.get_logger()


class FilterKeeper:
    """`current` is what a batch is filtered by. Where a variable names filters, all of them come from variables."""

    def __init__(self, settings: FilterSettings, data_dir: Path) -> None:
        self._path = data_dir / FILE
        self._variables = settings.variables_set
        self._filters = settings.filters()
        self._source = FilterSource.ENVIRONMENT if self._variables else FilterSource.DEFAULT
        self._turn = asyncio.Lock()
        self.current = EventFilter(self._filters)

    async def load(self) -> None:
        """Take what an earlier process kept; with a file that can't be understood nothing is filtered."""
        if self._variables:
            return
        stored = await asyncio.to_thread(_read, self._path)
        if stored is not None:
            self._use(stored)

    async def filters(self) -> FiltersInForce:
        """The filters in force."""
        return FiltersInForce(self._filters.include, self._filters.exclude, self._source, self._variables)

    async def set_filters(self, filters: Filters) -> FiltersInForce:
        """Put other filters in force for the following batches, and keep them over a restart.

        Raises TerminalError where they cannot be kept; the old ones stay in force then.
        """
        if self._variables:
            named = ", ".join(self._variables)
            raise FixedByEnvironmentError(
                f"The filters are set by {named}; unset them to change filters at run time", variables=self._variables
            )
        check_filters(filters)
        async with self._turn:
            try:
                await asyncio.to_thread(write_durably, self._path, msgspec.json.encode(filters))
            except OSError as err:
                raise TerminalError(f"The filters can't be kept in {self._path}: {err.strerror}") from err
            self._use(filters)
        _log.info("filters_changed", filters=msgspec.to_builtins(filters))
        return await self.filters()

    def _use(self, filters: Filters) -> None:
        self._filters = filters
        self._source = FilterSource.STORED
        self.current = EventFilter(filters)


def _read(path: Path) -> Filters | None:
    return read_state(path, _decoded, then="nothing is filtered; set the filters again")


def _decoded(data: bytes) -> Filters:
    filters = msgspec.json.decode(data, type=Filters)
    check_filters(filters)
    return filters
