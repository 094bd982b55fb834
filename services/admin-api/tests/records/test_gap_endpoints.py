"""`/gaps`."""

from __future__ import annotations

from typing import Any

import pytest
from admin_api.records.models import FillingAnswer, GapsAnswer
from ha_ingestor_core.errors import ServiceUnavailableError
from ha_ingestor_core.gaps import Gap, GapReason, GapStatus
from ha_ingestor_store.answers import KnownEntity
from ha_ingestor_store.time_range import DAY_NS
from msgspec import structs


def gap(number: int) -> Gap:
    return Gap(
        home="home",
        start_ns=1_000 - number,
        end_ns=5_000,
        reason=GapReason.RESTART,
        status=GapStatus.PARTIAL,
        recovered=1204,
        lost=["older than Home Assistant keeps"],
        found_ns=6_000,
        closed_ns=7_000,
    )


async def test_gaps_come_in_the_documented_shape(get: Any, store: Any) -> None:
    store.gaps_found = [gap(0)]
    body = GapsAnswer.model_validate_json((await get("/api/v1/gaps")).body)
    (found,) = body.gaps
    assert (found.status, found.recovered, found.lost) == ("partial", 1204, ["older than Home Assistant keeps"])
    assert (body.open, body.next_cursor) == (1, None)


async def test_pages_hold_every_gap_once(get: Any, store: Any) -> None:
    store.gaps_found = [gap(number) for number in range(5)]
    seen, cursor = 0, ""
    while cursor is not None:
        page = (await get(f"/api/v1/gaps?limit=2&home=home&cursor={cursor}")).json
        seen += len(page["gaps"])
        cursor = page["next_cursor"]
    assert seen == 5
    assert {question.home for question in store.asked} == {"home"}


@pytest.mark.parametrize(
    ("query", "field"), [("limit=0", "limit"), ("cursor=WzEsMl0", "cursor"), ("start=soon", "start"), ("key=x", "key")]
)
async def test_wrong_parameter_is_a_422_that_names_it(get: Any, query: str, field: str) -> None:
    answer = await get(f"/api/v1/gaps?{query}")
    assert (answer.status, answer.json["error"]["detail"]["field"]) == (422, field)


async def test_without_an_end_a_day_ahead_is_asked_for_and_a_later_start_is_no_mistake(
    get: Any, store: Any, clock: Any
) -> None:
    await get("/api/v1/gaps")
    assert (await get("/api/v1/gaps?start=2200-01-01T00:00:00Z")).status == 200
    ends = [question.time_range.end_ns for question in store.asked]
    assert ends == [clock.now_ns() + DAY_NS, store.asked[1].time_range.start_ns + 1]


async def test_an_unknown_home_is_a_404(get: Any, store: Any) -> None:
    answer = await get("/api/v1/gaps?home=nope")
    assert (answer.status, answer.json["error"]["detail"]["home"]) == (404, "nope")


async def test_a_home_with_gaps_and_no_event_yet_is_known(get: Any, store: Any) -> None:
    store.known_homes = []
    store.gaps_found = [gap(0)]
    assert (await get("/api/v1/gaps?home=home")).status == 200


FILLING = {
    "start": "2026-11-24T14:02:00.000000+00:00",
    "end": "2026-11-24T14:31:00.000000+00:00",
    "reason": "restart",
    "recovered": 7,
    "known": 2,
    "done_percent": 35.4,
    "entities": 212,
    "entities_done": 75,
    "read_until": None,
    "last_error": "Home Assistant does not answer",
}


async def test_what_is_being_filled_is_listed_by_home(get: Any, ingestion: Any) -> None:
    connection = {"is_connected": True, "state": "connected"}
    ingestion.answer["homes"] = [
        {"home": "home", "websocket_connection": connection, "gaps": {"open": 1, "filling": FILLING}},
        {"home": "cabin", "websocket_connection": connection, "gaps": {"open": 0, "filling": None}},
    ]
    answer = await get("/api/v1/gaps/filling")
    FillingAnswer.model_validate_json(answer.body)
    assert answer.json == {"filling": [{"home": "home", "is_connected": True, **FILLING}]}


async def test_without_websocket_ingestion_filling_is_a_503(get: Any, ingestion: Any) -> None:
    ingestion.answer = ServiceUnavailableError("it does not answer")
    answer = await get("/api/v1/gaps/filling")
    assert (answer.status, answer.json["error"]["key"]) == (503, "service_unavailable")
    assert "it does not answer" in answer.json["error"]["message"]


async def test_entities_that_are_lost_come_with_their_names(get: Any, store: Any) -> None:
    lost = ["Changes of 2 entities that Home Assistant's recorder leaves out: sensor.attic, sensor.new."]
    store.gaps_found = [structs.replace(gap(0), lost=lost)]
    store.known = [KnownEntity("home", "sensor.attic", 0, "1", False, friendly_name="Attic temperature")]
    (found,) = GapsAnswer.model_validate_json((await get("/api/v1/gaps")).body).gaps
    assert found.entity_names == {"sensor.attic": "Attic temperature"}
