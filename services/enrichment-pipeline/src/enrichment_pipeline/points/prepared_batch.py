"""A batch made ready to be written: its points, and the rejections of what is none."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import msgspec
import structlog
from ha_ingestor_core.delivery import Rejection
from ha_ingestor_core.events import EventBatch
from ha_ingestor_core.filters.event_filter import KEEP_ALL, EventFilter, EventFilteredError, FilterRule
from ha_ingestor_store.points import EventPoint, RejectedEvent, WeatherObservation

from enrichment_pipeline.points.point_builder import to_point
from enrichment_pipeline.points.registries import Entities
from enrichment_pipeline.validation.attributes import AttributesCache
from enrichment_pipeline.validation.decode_errors import RejectionKey
from enrichment_pipeline.validation.event_reader import MAX_TIME_NS, MIN_TIME_NS, InvalidEventError
from enrichment_pipeline.weather.home_weather import NO_WEATHER, HomeWeather
from enrichment_pipeline.weather.weather_entity import DOMAIN as WEATHER

_log = structlog.get_logger()

_SLICE = 200
"""Events between two turns of the event loop: about 2 ms on a slow core."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A batch on its way to the store; the event at `indices[i]` of the batch became `points[i]`.

    `filtered` has the rule that left an event out, by the event's index; `entities` are the registries of the batch.
    The `expired` are points that are older than the store keeps, and not among the others.
    """

    batch: EventBatch
    points: list[EventPoint] = field(default_factory=list)
    indices: list[int] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    observations: list[WeatherObservation] = field(default_factory=list)
    filtered: dict[int, FilterRule] = field(default_factory=dict)
    expired: list[EventPoint] = field(default_factory=list)
    entities: Entities = field(default_factory=dict)


async def prepare(
    batch: EventBatch,
    entities: Entities,
    attributes: AttributesCache,
    filters: EventFilter = KEEP_ALL,
    weather: HomeWeather = NO_WEATHER,
) -> Prepared:
    """Turn a batch into points, in slices, so that nothing else waits for long."""
    prepared = Prepared(batch, entities=entities)
    for start in range(0, len(batch.events), _SLICE):
        if start:
            await asyncio.sleep(0)
        _prepare_slice(prepared, start, entities, attributes, filters, weather)
    return prepared


def rejected_event(batch: EventBatch, rejection: Rejection, service: str) -> RejectedEvent:
    """What is kept of a rejected event: all of it, at the time of its arrival, since its own may be what is wrong."""
    event = batch.events[rejection.index]
    return RejectedEvent(
        home=batch.home,
        time_ns=min(max(event.received_ns, MIN_TIME_NS), MAX_TIME_NS),
        service=service,
        key=rejection.key,
        message=rejection.message,
        payload=bytes(event.event).decode(errors="backslashreplace"),
        origin_kind=event.kind,
    )


def _prepare_slice(
    prepared: Prepared,
    start: int,
    entities: Entities,
    attributes: AttributesCache,
    filters: EventFilter,
    weather: HomeWeather,
) -> None:
    home = prepared.batch.home
    for index, raw in enumerate(prepared.batch.events[start : start + _SLICE], start):
        try:
            point = to_point(home, raw, entities, attributes, filters, weather)
            if point.domain == WEATHER and (observation := weather.hear(point)) is not None:
                prepared.observations.append(observation)
                point = msgspec.structs.replace(point, weather=weather.at(point.time_ns))
        except EventFilteredError as err:
            prepared.filtered[index] = err.rule
        except InvalidEventError as err:
            prepared.rejections.append(Rejection(index=index, key=err.problem.key, message=err.problem.message))
        except Exception as err:
            # A mistake of ours over one event must not stop those behind it; the event is kept, so it can be found.
            _log.exception("event_not_understood", home=home)
            message = f"event: {type(err).__name__}: {err}"
            prepared.rejections.append(Rejection(index=index, key=RejectionKey.INTERNAL_ERROR, message=message))
        else:
            prepared.points.append(point)
            prepared.indices.append(index)
