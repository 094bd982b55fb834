"""The filters in force: set by environment variables, else stored in DATA_DIR and changed at run time."""

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


class CurrentFilters:
    """`EventFilters`; `current` are the compiled filters. If one variable is set, all filters come from variables."""

    def __init__(self, settings: FilterSettings, data_dir: Path) -> None:
        self._path = data_dir / FILE
        self._variables = settings.variables_set
        self._filters = settings.filters()
        self._source = FilterSource.ENVIRONMENT if self._variables else FilterSource.DEFAULT
        self._turn = asyncio.Lock()
        self.current = EventFilter(self._filters)

    async def load(self) -> None:
        """Load the stored filters; with a damaged file nothing is filtered."""
        if self._variables:
            return
        stored = await asyncio.to_thread(_read, self._path)
        if stored is not None:
            self._use(stored)

    async def filters(self) -> FiltersInForce:
        """Return the filters in force."""
        return FiltersInForce(self._filters.include, self._filters.exclude, self._source, self._variables)

    async def set_filters(self, filters: Filters) -> FiltersInForce:
        """Replace the filters for all later batches, also after a restart; return the filters in force.

        Raises TerminalError where they cannot be stored; the old ones then stay in force.
        """
        if self._variables:
            named = ", ".join(self._variables)
            raise FixedByEnvironmentError(
                f"The filters are set by {named}. Unset them to change filters at run time", variables=self._variables
            )
        check_filters(filters)
        async with self._turn:
            try:
                await asyncio.to_thread(write_durably, self._path, msgspec.json.encode(filters))
            except OSError as err:
                raise TerminalError(f"Cannot write {self._path}: {err.strerror}. The filters are unchanged") from err
            self._use(filters)
        _log.info("filters_changed", filters=msgspec.to_builtins(filters))
        return await self.filters()

    def _use(self, filters: Filters) -> None:
        self._filters = filters
        self._source = FilterSource.STORED
        self.current = EventFilter(filters)


def _read(path: Path) -> Filters | None:
    return read_state(path, _decoded, then="nothing is filtered. Set the filters again")


def _decoded(data: bytes) -> Filters:
    filters = msgspec.json.decode(data, type=Filters)
    check_filters(filters)
    return filters
