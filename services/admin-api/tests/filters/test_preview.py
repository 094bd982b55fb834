"""The events that filters would drop: counted once, by the deciding rule, with examples."""

from __future__ import annotations

import json
from typing import Any

import pytest
from admin_api.filters.models import FilterPreviewAnswer
from admin_api.filters.preview import preview
from ha_ingestor_core.filters.event_filter import EventFilter
from ha_ingestor_core.filters.rules import FilterLists, Filters
from ha_ingestor_store.time_range import DAY_NS, TimeRange
from msgspec import structs


def _body(**exclude: list[str]) -> bytes:
    return json.dumps({"exclude": exclude}).encode()


async def test_each_rule_lists_what_it_would_drop(get: Any, store: Any, event: Any) -> None:
    store.events = [
        *(event(ago_s=ago, entity_id="sensor.phone_battery", friendly_name="Phone") for ago in range(1, 6)),
        *(event(ago_s=ago, entity_id="sensor.tv_battery") for ago in range(11, 13)),
        event(ago_s=20, entity_id="light.hall"),
        structs.replace(event(ago_s=21), event_type="call_service", entity_id=None, domain=None),
        event(ago_s=22),
    ]
    body = _body(entities=["*_battery"], domains=["light"], event_types=["call_*"])
    answer = (await get("/api/v1/filters/preview?period=1h", method="POST", body=body)).json
    FilterPreviewAnswer.model_validate(answer)
    assert (answer["events"], answer["kept"], answer["complete"]) == (10, 1, True)
    assert [(each["rule"], each["count"]) for each in answer["dropped"]] == [
        ("excluded_entity", 7),
        ("excluded_domain", 1),
        ("excluded_event_type", 1),
    ]
    batteries = answer["dropped"][0]
    assert batteries["busiest"] == [
        {"name": "sensor.phone_battery", "friendly_name": "Phone", "count": 5},
        {"name": "sensor.tv_battery", "friendly_name": None, "count": 2},
    ]
    assert [example["entity_id"] for example in batteries["examples"]] == ["sensor.phone_battery"] * 3
    assert answer["dropped"][2]["busiest"] == [{"name": "call_service", "friendly_name": None, "count": 1}]


async def test_of_too_many_events_only_the_newest_are_checked(store: Any, event: Any, clock: Any) -> None:
    store.events = [event(ago_s=ago) for ago in range(1, 31)]
    now_ns = clock.now_ns()
    drops_all = EventFilter(Filters(exclude=FilterLists(domains=["*"])))
    outcome = await preview(store, drops_all, TimeRange(now_ns - DAY_NS, now_ns), most=10)
    assert (outcome.events, outcome.kept, outcome.is_complete) == (10, 0, False)
    assert outcome.start_ns == store.events[9].time_ns


async def test_nothing_is_changed(get: Any, filters: Any) -> None:
    await get("/api/v1/filters/preview", method="POST", body=_body(domains=["light"]))
    assert filters.in_force.exclude.domains == []


@pytest.mark.parametrize(("exclude", "field"), [({"domains": ["Light"]}, "exclude.domains"), ({"x": []}, "exclude.x")])
async def test_a_filter_that_could_never_match_is_refused(get: Any, exclude: dict[str, list[str]], field: str) -> None:
    answer = await get("/api/v1/filters/preview", method="POST", body=_body(**exclude))
    assert (answer.status, answer.json["error"]["detail"]["field"]) == (422, field)
