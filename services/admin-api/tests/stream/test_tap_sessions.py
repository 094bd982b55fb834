"""Taps: one reader at a time, a time limit, and entries in the audit log."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from admin_api.security.audit import AuditLog, Entry
from admin_api.security.caller import Caller
from admin_api.stream.models import TapEnd
from admin_api.stream.tap_sessions import RETURN_LIMIT_S, OpenTap, TapDesk
from ha_ingestor_core.clock import FakeClock
from ha_ingestor_core.errors import BackpressureError, NotFoundError, ServiceUnavailableError
from ha_ingestor_core.filters.live_filter import LiveFilter
from ha_ingestor_store.time_range import ALWAYS
from msgspec import Raw

ADMIN = Caller("192.0.2.7", is_local=True)
LIGHTS = LiveFilter(entity_id="light.*")


@pytest.fixture
async def tap(tap_desk: TapDesk) -> AsyncIterator[OpenTap]:
    yield await tap_desk.open(LIGHTS, ADMIN)
    await tap_desk.stop()


async def _next(messages: AsyncIterator[bytes], event: str) -> Any:
    start = f"event: {event}\ndata: ".encode()
    async with asyncio.timeout(10):
        async for message in messages:
            if message.startswith(start):
                assert len(message.splitlines()) == 3, "a line break would end the data"
                return msgspec.json.decode(message.removeprefix(start))
    raise AssertionError("the tap ended")


async def _ended(tap: OpenTap) -> TapEnd | None:
    async with asyncio.timeout(10):
        await tap.over.wait()
    return tap.end


async def _entry(audit: AuditLog) -> Entry:
    async with asyncio.timeout(10):
        while True:
            if entries := audit.read(ALWAYS, 10).entries:
                return entries[0]
            await asyncio.sleep(0.005)


async def test_events_are_passed_on_on_one_line(tap_desk: TapDesk, tap: OpenTap, taps: Any) -> None:
    taps.events = [Raw(b'{"raw":"1"}'), Raw(b'{"raw":\r\n\n "2" }')]
    async with tap_desk.read(tap.id) as reader:
        assert await _next(reader.messages(), "events") == [{"raw": "1"}, {"raw": "2"}]
    assert taps.opened == {tap.id: LIGHTS}


async def test_status_has_the_remaining_time_and_the_omitted_events(tap_desk: TapDesk, tap: OpenTap, taps: Any) -> None:
    taps.left_out = 3
    async with tap_desk.read(tap.id) as reader:
        assert await _next(reader.messages(), "status") == {"remaining_s": 600, "left_out": 3, "error": None}


async def test_a_pipeline_that_is_away_does_not_end_a_tap(tap_desk: TapDesk, tap: OpenTap, taps: Any) -> None:
    async with tap_desk.read(tap.id) as reader:
        messages = reader.messages()
        taps.error = ServiceUnavailableError("it does not answer")
        status = await _next(messages, "status")
        while status["error"] is None:
            status = await _next(messages, "status")
        assert status == {"remaining_s": 600, "left_out": None, "error": "it does not answer"}
        taps.error = None
        taps.events = [Raw(b"{}")]
        assert await _next(messages, "events") == [{}]


async def test_a_tap_that_the_pipeline_has_no_more_ends(tap_desk: TapDesk, tap: OpenTap, taps: Any) -> None:
    async with tap_desk.read(tap.id) as reader:
        taps.opened.clear()
        assert await _next(reader.messages(), "end") == {"reason": "lost"}


async def test_a_tap_ends_when_its_time_is_over(
    tap_desk: TapDesk, tap: OpenTap, taps: Any, clock: FakeClock, audit: AuditLog
) -> None:
    taps.events = [Raw(b"{}")]
    async with tap_desk.read(tap.id) as reader:
        messages = reader.messages()
        await _next(messages, "events")
        clock.advance(599)
        await _next(messages, "status")
        clock.advance(1)
        assert await _next(messages, "end") == {"reason": "time_over"}
    entry = await _entry(audit)
    assert (entry.who, entry.action, entry.address) == ("this machine", "END /api/v1/tap/{tap_id}", "192.0.2.7")
    assert entry.detail == {
        "tap_id": tap.id,
        "reason": "time_over",
        "events_shown": 1,
        "seconds": 600,
        "filter": {"entity_id": "light.*"},
    }
    assert taps.opened == {}


async def test_a_tap_whose_reader_does_not_come_back_ends(
    tap_desk: TapDesk, tap: OpenTap, taps: Any, clock: FakeClock, audit: AuditLog
) -> None:
    async with tap_desk.read(tap.id) as reader:
        await _next(reader.messages(), "status")
        clock.advance(RETURN_LIMIT_S + 1)
        await _next(reader.messages(), "status")
    clock.advance(RETURN_LIMIT_S - 1)
    async with tap_desk.read(tap.id) as reader:  # an active tap is not affected
        await _next(reader.messages(), "status")
    clock.advance(RETURN_LIMIT_S)
    assert await _ended(tap) is TapEnd.READER_GONE
    assert (await _entry(audit)).detail["reason"] == "reader_gone"


async def test_a_tap_that_is_never_read_ends(tap: OpenTap, clock: FakeClock) -> None:
    clock.advance(RETURN_LIMIT_S)
    assert await _ended(tap) is TapEnd.READER_GONE


async def test_one_client_reads_a_tap(tap_desk: TapDesk, tap: OpenTap) -> None:
    async with tap_desk.read(tap.id):
        with pytest.raises(BackpressureError, match="already has a reader"):
            async with tap_desk.read(tap.id):
                pass


async def test_closing_ends_the_reader_too(tap_desk: TapDesk, tap: OpenTap, taps: Any) -> None:
    async with tap_desk.read(tap.id) as reader:
        await tap_desk.close(tap.id)
        assert await _next(reader.messages(), "end") == {"reason": "closed"}
    assert taps.opened == {}
    with pytest.raises(NotFoundError):
        await tap_desk.close(tap.id)


async def test_a_stop_ends_all_taps_and_takes_no_more(tap_desk: TapDesk, tap: OpenTap, audit: AuditLog) -> None:
    await tap_desk.stop()
    assert audit.read(ALWAYS, 10).entries[0].detail["reason"] == "stopped"
    with pytest.raises(ServiceUnavailableError):
        await tap_desk.open(LIGHTS, ADMIN)


async def test_what_waits_is_delivered_before_each_reading(taps: Any, audit: AuditLog, clock: FakeClock) -> None:
    async def deliver() -> None:
        taps.events = [Raw(b"{}")]

    desk = TapDesk(taps, audit=audit, clock=clock, before_reading=deliver, poll_interval_s=0.005)
    tap = await desk.open(LIGHTS, ADMIN)
    async with desk.read(tap.id) as reader:
        assert await _next(reader.messages(), "events") == [{}]
    await desk.stop()
