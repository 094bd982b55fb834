"""The demo home fires events as soon as it has started."""

from __future__ import annotations

import aiohttp
from ha_ingestor.demo_home import DemoHome
from ha_ingestor.demo_home.history import HistoryRequest
from ha_ingestor_core.clock import FakeClock, SystemClock


async def test_start_leaves_the_last_hours_behind_it_and_listens() -> None:
    clock = FakeClock()
    home = DemoHome(clock=clock, seed=1, history_hours=0.5)
    await home.start()
    oldest_s = clock.now_ns() / 1e9 - 1800
    request = HistoryRequest(start=oldest_s - 1, significant_changes_only=False)
    power = home.house.recorder.during(["sensor.house_power"], request)["sensor.house_power"]
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{home.url}/api/websocket") as socket:
        assert (await socket.receive_json())["type"] == "auth_required"
    await home.stop()
    assert power[0]["lu"] - oldest_s < 1.0
    assert 0 <= clock.now_ns() / 1e9 - power[-1]["lu"] < 2.0
    assert len(power) > 1000


async def test_running_house_goes_on_by_itself() -> None:
    home = DemoHome(clock=SystemClock(), seed=1, history_hours=0.01)
    await home.start()
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{home.url}/api/websocket") as socket:
        await socket.receive_json()
        await socket.send_json({"type": "auth", "access_token": home.token})
        await socket.send_json({"id": 1, "type": "subscribe_events"})
        messages = [await socket.receive_json(timeout=10) for _ in range(3)]
    await home.stop()
    assert messages[-1]["event"]["event_type"] in ("state_changed", "automation_triggered", "call_service")


async def test_stop_without_start_is_harmless() -> None:
    await DemoHome().stop()
