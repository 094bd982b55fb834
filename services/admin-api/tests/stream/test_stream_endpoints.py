"""The errors of the stream before it starts."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from admin_api.stream import endpoints as stream_endpoints
from admin_api.stream.broadcaster import Stream
from ha_ingestor_core.errors import StoreUnavailableError


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("entity_id=li%00ght", "entity_id"),
        ("entity_id=" + "*" * 300, "entity_id"),
        ("domain=li%00ght", "domain"),
        ("event_type=%00", "event_type"),
        ("area=%00", "area"),
        ("home=%00", "home"),
        ("domain=light&domain=switch", "domain"),
        ("glob=light.*", "glob"),
    ],
)
async def test_wrong_filter_is_a_422_that_names_it(get: Any, query: str, field: str) -> None:
    answer = await get(f"/api/v1/stream?{query}")
    assert (answer.status, answer.json["error"]["key"]) == (422, "invalid_input")
    assert answer.json["error"]["detail"]["field"] == field
    assert answer.json["error"]["detail"]["expected"]


async def test_a_home_that_is_unknown_is_a_404_that_names_the_known(get: Any) -> None:
    answer = await get("/api/v1/stream?home=hoem")
    assert (answer.status, answer.json["error"]["detail"]["nearest"]) == (404, ["home"])


@pytest.mark.parametrize("trouble", ["error", "hangs"])
async def test_a_store_that_cannot_name_its_homes_closes_no_stream(
    get: Any, store: Any, stream: Stream, trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_endpoints, "_HOME_CHECK_S", 0.01)
    store.answers_pings = True
    setattr(store, trouble, StoreUnavailableError("busy") if trouble == "error" else True)
    is_open = asyncio.Event()
    stream.greet("alerts", is_open.set)
    await stream.start()
    asked = asyncio.create_task(get("/api/v1/stream?home=cabin"))
    async with asyncio.timeout(5):
        await is_open.wait()
    await stream.stop()
    assert (await asked).status == 200
