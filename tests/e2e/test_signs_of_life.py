"""Detects which sensors report without a change, with a real Home Assistant."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import aiohttp
import pytest
from ha_ingestor_core.alive import Alive
from websocket_ingestion.connection.handshake import open_socket
from websocket_ingestion.connection.last_reported import LastReportedPoller
from websocket_ingestion.connection.protocol import Frame

from tests.e2e.real_home_assistant import RealHomeAssistant, Release

pytestmark = pytest.mark.home_assistant

ENTITY = "sensor.steady"


class Sink:
    """Keeps the signs of life."""

    def __init__(self) -> None:
        self.signs: dict[str, int] = {}

    async def write_alive(self, signs: Sequence[Alive]) -> None:
        self.signs.update({sign.entity_id: sign.time_ns for sign in signs})


class NoFrames:
    """Accepts no frames: nothing is subscribed."""

    is_full = False

    def accept(self, frame: Frame) -> None:
        assert not frame.events

    async def wait_for_room(self) -> None: ...


async def test_a_sensor_that_repeats_its_value_gives_a_sign_of_life(
    release: Release, shared_home_assistant: RealHomeAssistant
) -> None:
    sink = Sink()
    signs = LastReportedPoller(home="home", sink=sink, interval_s=1)
    async with aiohttp.ClientSession() as http:
        socket = await open_socket(http, shared_home_assistant.url, shared_home_assistant.token)
        reading = asyncio.create_task(socket.read(NoFrames()))
        try:
            await shared_home_assistant.set_state(ENTITY, "1")
            await socket.command("get_states")  # from now on Home Assistant caches the JSON of the state
            again_ns = time.time_ns()
            await shared_home_assistant.set_state(ENTITY, "1")
            await signs.poll_once(socket)
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            await socket.close()
    if release.name == "2024.3":  # this release does not have `last_reported`
        assert "last_reported" in (signs.refusal or "")
    else:
        assert signs.refusal is None
        assert sink.signs[ENTITY] >= again_ns
