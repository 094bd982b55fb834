"""Events with impossible times are stored or rejected, and everything after them is still processed."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from ha_ingestor.demo_home import House, SimulatedHomeAssistant
from ha_ingestor.roles import run_all
from ha_ingestor.runner import Parts

from tests.e2e.ingestor import Api
from tests.ports import free_port

pytestmark = pytest.mark.integration

YEARS_NS = {9999: 253_402_300_799 * 10**9, 2262: 9_223_372_036_854_775_807, 1970: 1, 1: -62_135_596_700 * 10**9}


@pytest.mark.parametrize("year", YEARS_NS)
async def test_what_follows_an_event_of_a_far_year_is_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], year: int
) -> None:
    home = SimulatedHomeAssistant(House(), "token")
    await home.start()
    for name, value in {"HA_URL": home.url, "HA_TOKEN": "token", "DATA_DIR": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    try:
        for start in range(2):  # the second start finds them in a gap
            await run_and_change(home, monkeypatch, YEARS_NS[year], start)
            home.house.set_state("sensor.odd", f"away {start}", {}, time_ns=YEARS_NS[year] - 500)
    finally:
        await home.stop()
    assert "Traceback" not in capsys.readouterr().out


async def wait_until_stored(api: Api, state: str) -> None:
    await api.eventually(
        lambda: api.events(entity_id="sensor.fine", limit=1), lambda events: events and events[0]["state"] == state
    )


async def run_and_change(
    home: SimulatedHomeAssistant, monkeypatch: pytest.MonkeyPatch, odd_ns: int, start: int
) -> None:
    """Run every service, make changes at the impossible time and now, and check that those of now are stored."""
    port = free_port()
    monkeypatch.setenv("ADMIN_API_PORT", str(port))
    api = Api(f"http://127.0.0.1:{port}")
    async with AsyncExitStack() as stack:
        stack.push_async_callback(api.close)
        await run_all(Parts(stack))
        await api.eventually(
            lambda: api.get("/api/v1/health"), lambda h: h["ingestion_service"]["websocket_connection"]["is_connected"]
        )
        for number in range(3):
            state = f"{start}{number}"
            home.house.set_state("sensor.odd", state, {}, time_ns=odd_ns - 1000 * number)
            home.house.set_state("sensor.fine", state, {})
            await wait_until_stored(api, state)
        for path in ("stats", "entities/silent", "gaps", "rejected", "topology", "events?entity_id=sensor.odd"):
            await api.get(f"/api/v1/{path}")
