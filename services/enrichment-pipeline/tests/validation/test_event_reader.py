"""Reading captured events."""

from __future__ import annotations

import pytest
from enrichment_pipeline.validation.attributes import AttributesCache
from enrichment_pipeline.validation.decode_errors import InvalidEventError
from enrichment_pipeline.validation.event_reader import EventReader, domain_of
from ha_ingestor_core.filters.event_filter import KEEP_ALL, EventFilter, EventFilteredError
from ha_ingestor_core.filters.rules import FilterLists, Filters
from msgspec import Raw

_TIME = b'"2026-11-23T08:07:54Z"'


def _read(event: bytes, filters: EventFilter = KEEP_ALL) -> object:
    return EventReader(filters, AttributesCache()).read(Raw(event))


def test_an_empty_event_type_is_refused() -> None:
    with pytest.raises(InvalidEventError, match="event_type must not be empty") as caught:
        _read(b'{"event_type":"","time_fired":' + _TIME + b"}")
    assert caught.value.problem.key == "empty_field"


def test_an_empty_entity_id_is_refused() -> None:
    with pytest.raises(InvalidEventError, match=r"data\.entity_id must not be empty"):
        _read(b'{"event_type":"state_changed","time_fired":' + _TIME + b',"data":{"entity_id":"","new_state":null}}')


def test_an_event_type_is_filtered_before_its_data_is_validated() -> None:
    filters = EventFilter(Filters(exclude=FilterLists(event_types=["state_changed"])))
    with pytest.raises(EventFilteredError):
        _read(b'{"event_type":"state_changed","time_fired":' + _TIME + b',"data":[]}', filters)


def test_an_entity_is_filtered_before_its_state_is_validated() -> None:
    filters = EventFilter(Filters(exclude=FilterLists(entities=["a.b"])))
    new = b'{"entity_id":"a.b","state":"1","attributes":[],"last_updated":"1600-01-01T00:00:00Z"}'
    data = b'{"entity_id":"a.b","new_state":' + new + b"}"
    with pytest.raises(EventFilteredError):
        _read(b'{"event_type":"state_changed","time_fired":' + _TIME + b',"data":' + data + b"}", filters)


@pytest.mark.parametrize(
    ("entity_id", "domain"),
    [("light.bed", "light"), ("a.b.c", "a"), ("nodot", None), (".x", None), ("x.", "x")],
)
def test_domain_is_what_stands_before_the_first_dot(entity_id: str, domain: str | None) -> None:
    assert domain_of(entity_id) == domain
