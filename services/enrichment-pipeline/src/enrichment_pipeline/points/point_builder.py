"""Converts captured events to points: read, then enriched with the registries and the weather."""

from __future__ import annotations

from ha_ingestor_core.events import RawEvent
from ha_ingestor_core.filters.event_filter import KEEP_ALL, EventFilter
from ha_ingestor_store.points import EventPoint, WeatherObservation

from enrichment_pipeline.points.registries import NO_ENTITIES, NO_FACTS, Entities
from enrichment_pipeline.validation.attributes import AttributesCache
from enrichment_pipeline.validation.event_reader import EventReader
from enrichment_pipeline.validation.normalise import numeric_value
from enrichment_pipeline.weather.home_weather import NO_WEATHER, HomeWeather
from enrichment_pipeline.weather.weather_entity import DOMAIN as WEATHER


class PointBuilder:
    """Builds the points of one batch, and collects the weather that its events report, in `observations`."""

    def __init__(
        self,
        home: str,
        *,
        entities: Entities = NO_ENTITIES,
        attributes: AttributesCache | None = None,
        filters: EventFilter = KEEP_ALL,
        weather: HomeWeather = NO_WEATHER,
    ) -> None:
        self.home = home
        self.entities = entities
        self.observations: list[WeatherObservation] = []
        self._reader = EventReader(filters, attributes or AttributesCache())
        self._weather = weather

    def build(self, raw: RawEvent) -> EventPoint:
        """Return the point of one event; raises InvalidEventError and EventFilteredError."""
        event = self._reader.read(raw.event)
        entity_id, domain, state, time_ns = event.entity_id, event.domain, event.state, event.time_ns
        attributes, context = event.attributes, event.context
        facts = self.entities.get(entity_id, NO_FACTS) if entity_id else NO_FACTS
        if domain == WEATHER and (observation := self._weather.observe(event)) is not None:
            self.observations.append(observation)
        # Positional, in the order of the fields: by keyword the constructor takes seven times as long.
        return EventPoint(
            self.home,
            event.event_type,
            time_ns,
            domain,
            entity_id,
            state,
            None if state is None else numeric_value(state),
            event.old_state,
            attributes.unit,
            attributes.friendly_name or facts.name,
            facts.area,
            facts.device,
            attributes.device_class or facts.device_class,
            attributes.text,
            event.data,
            event.removed,
            context.id,
            context.parent_id,
            context.user_id,
            event.origin,
            raw.kind,
            self._weather.at(time_ns),
            facts.floor,
            facts.labels,
            facts.integration,
        )
