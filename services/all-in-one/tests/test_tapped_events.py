"""The events of a tap have the format that the Admin API documents."""

from __future__ import annotations

import json

import pytest
from admin_api.stream.models import TappedEvent
from enrichment_pipeline.points.point_builder import PointBuilder
from enrichment_pipeline.points.prepared_batch import prepare
from enrichment_pipeline.points.registries import EntityFacts
from enrichment_pipeline.taps.tap_view import MAX_RAW_BYTES, outcome_view, outcomes
from ha_ingestor_core.delivery import Receipt, Rejection
from ha_ingestor_core.events import EventBatch, RawEvent
from ha_ingestor_store.answers import WriteResult
from ha_ingestor_store.points import Weather
from msgspec import Raw, structs

TIME = "2026-11-23T08:07:54.088501+00:00"
STATE = {"entity_id": "light.hall", "state": "on", "last_updated": TIME, "attributes": {"brightness": 120}}
CHANGE = {"event_type": "state_changed", "time_fired": TIME, "data": {"entity_id": "light.hall", "new_state": STATE}}
REMOVAL = {"event_type": "state_changed", "time_fired": TIME, "data": {"entity_id": "light.hall", "new_state": None}}
CALL = {"event_type": "call_service", "time_fired": TIME, "data": {"service": "turn_on"}}
LONG = {**CALL, "data": {"text": "x" * MAX_RAW_BYTES}}


@pytest.mark.parametrize("event", [CHANGE, REMOVAL, CALL, LONG, {}, 5, "text"])
async def test_every_event_has_the_documented_shape(event: object) -> None:
    batch = EventBatch("home", [RawEvent(Raw(json.dumps(event).encode()), 1_795_421_274_000_000_000)])
    facts = EntityFacts(area="Hall", labels='["night"]')
    prepared = await prepare(batch, PointBuilder("home", entities={"light.hall": facts}))
    prepared.points[:] = [structs.replace(point, weather=Weather("rainy", 7.5)) for point in prepared.points]
    receipt = Receipt(rejected=prepared.rejections or [Rejection(0, "type_conflict", "no")])
    ((ending,),) = outcomes([prepared], WriteResult(), [receipt])
    told = TappedEvent.model_validate_json(outcome_view(prepared, ending))
    assert told.reason is not None
    assert (told.point is None) == bool(prepared.rejections)
