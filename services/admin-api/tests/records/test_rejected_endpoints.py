"""`/rejected`."""

from __future__ import annotations

from typing import Any

import pytest
from admin_api.records.models import RejectedAnswer, RejectedEventDetail, RejectedFileAnswer, ReplayAnswer
from ha_ingestor_core.delivery import Rejection, Replayed, ReplayOutcome
from ha_ingestor_core.errors import NotFoundError, ServiceUnavailableError, StoreUnavailableError
from ha_ingestor_store.points import RejectedEvent


def rejected(number: int, **more: Any) -> RejectedEvent:
    return RejectedEvent("home", 1_000 - number, "enrichment-pipeline", "malformed", "why", f"{{{number}", **more)


async def test_rejected_events_come_in_the_documented_shape(get: Any, store: Any) -> None:
    store.rejected = [rejected(1, replayed_ns=2_000, outcome=ReplayOutcome.DUPLICATE), rejected(2)]
    body = RejectedAnswer.model_validate_json((await get("/api/v1/rejected")).body)
    assert [(event.id, event.outcome) for event in body.events] == [
        (store.rejected[0].id, ReplayOutcome.DUPLICATE),
        (store.rejected[1].id, None),
    ]
    assert body.counts == {"malformed": 2}


async def test_pages_hold_every_rejected_event_once(get: Any, store: Any) -> None:
    store.rejected = [rejected(number) for number in range(7)]
    seen, cursor = [], ""
    while cursor is not None:
        page = (await get(f"/api/v1/rejected?limit=3&cursor={cursor}")).json
        seen += [event["id"] for event in page["events"]]
        cursor = page["next_cursor"]
    assert seen == [event.id for event in store.rejected]


async def test_filters_reach_the_store_as_they_were_given(get: Any, store: Any) -> None:
    await get("/api/v1/rejected?home=cabin&service=s&key=k&start=1970-01-01T00:00:01Z&end=1970-01-01T00:00:02Z")
    (question,) = store.asked
    assert (question.home, question.service, question.key) == ("cabin", "s", "k")
    assert (question.time_range.start_ns, question.time_range.end_ns) == (1_000_000_000, 2_000_000_000)


@pytest.mark.parametrize(
    ("query", "field"), [("limit=0", "limit"), ("cursor=WzEsMl0", "cursor"), ("key=%00", "key"), ("reason=x", "reason")]
)
async def test_wrong_parameter_is_a_422_that_names_it(get: Any, query: str, field: str) -> None:
    answer = await get(f"/api/v1/rejected?{query}")
    assert (answer.status, answer.json["error"]["detail"]["field"]) == (422, field)


async def test_a_rejected_event_has_its_payload_as_text(get: Any, store: Any) -> None:
    store.rejected = [rejected(1)]
    answer = await get(f"/api/v1/rejected/{store.rejected[0].id}")
    assert RejectedEventDetail.model_validate_json(answer.body).payload == "{1"


async def test_an_unknown_rejected_event_is_a_404(get: Any) -> None:
    answer = await get("/api/v1/rejected/nothing")
    assert (answer.status, answer.json["error"]["key"]) == (404, "not_found")


async def test_a_replay_returns_its_outcome(get: Any, replay: Any) -> None:
    replay.end = Replayed(ReplayOutcome.REJECTED, 1_000, Rejection(0, "wrong_type", "no"))
    answer = await get("/api/v1/rejected/some-id/replay", "POST")
    body = ReplayAnswer.model_validate_json(answer.body)
    assert (body.id, body.outcome, body.key, body.message) == ("some-id", "rejected", "wrong_type", "no")
    assert replay.asked == ["some-id"]


@pytest.mark.parametrize(
    ("error", "status"), [(NotFoundError("none"), 404), (ServiceUnavailableError("away"), 503)], ids=["404", "503"]
)
async def test_a_failed_replay_has_its_reason(get: Any, replay: Any, error: Exception, status: int) -> None:
    replay.end = error
    answer = await get("/api/v1/rejected/some-id/replay", "POST")
    assert (answer.status, answer.json["error"]["message"]) == (status, str(error))


async def test_a_page_of_another_origin_replays_nothing(get: Any, replay: Any) -> None:
    answer = await get("/api/v1/rejected/some-id/replay", "POST", sec_fetch_site="cross-site")
    assert (answer.status, replay.asked) == (403, [])
    assert (await get("/api/v1/rejected/some-id/replay", "POST", sec_fetch_site="same-origin")).status == 200


async def test_a_store_that_is_away_is_a_503(get: Any, store: Any) -> None:
    store.error = StoreUnavailableError("away")
    assert (await get("/api/v1/rejected")).status == 503


@pytest.mark.parametrize(("query", "replayed"), [("", None), ("?replayed=false", False), ("?replayed=true", True)])
async def test_those_that_were_not_replayed_yet_can_be_asked_for(
    get: Any, store: Any, query: str, replayed: bool | None
) -> None:
    await get(f"/api/v1/rejected{query}")
    assert store.asked[0].replayed is replayed


async def test_how_full_the_file_is(get: Any, enrichment: Any) -> None:
    enrichment.answer["rejected_file"] = {"bytes": 9, "limit_bytes": 10, "last_error": "full", "failing_s": 1.0}
    answer = await get("/api/v1/rejected/file")
    RejectedFileAnswer.model_validate_json(answer.body)
    assert answer.json == {"bytes": 9, "limit_bytes": 10, "last_error": "full"}


async def test_without_the_pipeline_the_size_of_the_file_is_a_503(get: Any, enrichment: Any) -> None:
    enrichment.answer = ServiceUnavailableError("it does not answer")
    answer = await get("/api/v1/rejected/file")
    assert (answer.status, answer.json["error"]["key"]) == (503, "service_unavailable")
