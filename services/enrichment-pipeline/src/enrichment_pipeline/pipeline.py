"""The path of a batch: validate, filter, normalise, enrich, convert to points, write, acknowledge."""

from __future__ import annotations

import asyncio

from ha_ingestor_core.delivery import Receipt
from ha_ingestor_core.errors import BackpressureError, InvalidInputError
from ha_ingestor_core.events import EventBatch, Registries

from enrichment_pipeline.admission import Admission
from enrichment_pipeline.current_filters import CurrentFilters
from enrichment_pipeline.metrics import PipelineMetrics
from enrichment_pipeline.points.point_builder import PointBuilder
from enrichment_pipeline.points.prepared_batch import prepare
from enrichment_pipeline.points.registries import KnownRegistries
from enrichment_pipeline.validation.attributes import AttributesCache
from enrichment_pipeline.weather.enrichment import WeatherEnrichment
from enrichment_pipeline.writing.group_writer import GroupWriter


class Pipeline:
    """`EventDelivery`. Events are counted with their outcome, so a batch that is sent again counts once."""

    def __init__(
        self,
        *,
        writer: GroupWriter,
        admission: Admission,
        filters: CurrentFilters,
        metrics: PipelineMetrics,
        weather: WeatherEnrichment,
    ) -> None:
        self._writer = writer
        self._filters = filters
        self._admission = admission
        self._metrics = metrics
        self._weather = weather
        self._registries = KnownRegistries()
        self._attributes = AttributesCache()
        # One batch at a time: a short one would overtake a long one, and its snapshots earlier live events.
        self._turn = asyncio.Lock()

    async def deliver(self, batch: EventBatch) -> Receipt:
        """Return once the outcome of every event is durable in the store.

        Raises BackpressureError while too many events are in flight, and InvalidInputError for a batch without a home.
        """
        _check_home(batch.home)
        entities = self._registries.entities(batch.home, batch.registry_version)
        if not batch.events:
            return Receipt()
        arrived = self._writer.now()
        try:
            with self._admission.admit(len(batch.events)):
                weather = await self._weather.of(batch.home)
                async with self._turn:
                    builder = PointBuilder(
                        batch.home,
                        entities=entities,
                        attributes=self._attributes,
                        filters=self._filters.current,
                        weather=weather,
                    )
                    prepared = await prepare(batch, builder)
                return await self._writer.write(prepared, arrived)
        except BackpressureError:
            self._metrics.count_refused_batch()
            raise

    async def deliver_registries(self, registries: Registries) -> None:
        """Add the registries of a home; raises InvalidInputError for an invalid list."""
        _check_home(registries.home)
        await self._registries.add(registries)
        await self._weather.locate(registries.home, registries.location)


def _check_home(home: str) -> None:
    if not home:
        raise InvalidInputError("home must not be empty", field="home", expected="the name of a home")
