"""Long answers are compressed for clients that accept it; the stream never is."""

from __future__ import annotations

import asyncio
import gzip
from typing import Any

import pytest
from admin_api.http.compression import accepted_encodings


async def test_long_answers_are_compressed_if_accepted(get: Any, store: Any, event: Any) -> None:
    store.events = [event(state=str(n), ago_s=n) for n in range(1, 50)]
    plain = await get("/api/v1/events")
    packed = await get("/api/v1/events", accept_encoding="gzip")
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) == len(packed.body) < len(plain.body)
    assert gzip.decompress(packed.body) == plain.body
    for answer in (plain, packed):
        assert answer.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize("refusal", ["gzip;q=0", "identity, gzip; q=0.0", "br, gzip;Q=0", "gzip;q=no"])
async def test_a_client_that_refuses_compression_gets_none(get: Any, store: Any, event: Any, refusal: str) -> None:
    store.events = [event(state=str(n), ago_s=n) for n in range(1, 50)]
    answer = await get("/api/v1/events", accept_encoding=refusal)
    assert "content-encoding" not in answer.headers
    assert answer.headers["vary"] == "Accept-Encoding"


def test_encodings_are_accepted_unless_their_quality_is_zero() -> None:
    assert accepted_encodings("br;q=0.5, GZIP , deflate;q=0, *;q=0") == {"br", "gzip"}
    assert accepted_encodings("") == frozenset()


async def test_short_answers_are_not(get: Any) -> None:
    assert "content-encoding" not in (await get("/api/v1/health/live", accept_encoding="gzip")).headers


async def test_the_stream_is_never_compressed(asker: Any, local_app: Any, stream: Any, store: Any, event: Any) -> None:
    await stream.start()
    listening = asyncio.create_task(asker(local_app)("/api/v1/stream", accept_encoding="gzip"))
    await asyncio.sleep(0.1)
    store.events = [event(state=str(n), ago_s=0) for n in range(50)]
    await asyncio.sleep(0.1)
    await stream.stop()
    answer = await asyncio.wait_for(listening, 5)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert "content-encoding" not in answer.headers
    assert b"event: " in answer.body
