"""Changes during an outage of the capture are recovered from Home Assistant's history, each exactly once."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.ingestor import Ingestor, wait_until_closed
from tests.e2e.real_home_assistant import RealHomeAssistant, Release2024, require_home_assistant
from tests.faults.clock import MachineClock, require_faketime

pytestmark = pytest.mark.home_assistant

CHANGES = 200
ENTITIES = [f"sensor.gap_{n}" for n in range(8)]
QUICK = {"GAP_FILLING_SETTLE_S": "2", "GAP_FILLING_REST_S": "0"}


async def all_states(ingestor: Ingestor, entity_id: str) -> list[tuple[str, str | None]]:
    """Return all stored state changes of an entity, oldest first."""
    events = await ingestor.api.events(entity_id=entity_id, event_type="state_changed", limit=1000)
    return [(event["time"], event["state"]) for event in reversed(events)]


async def change(home_assistant: RealHomeAssistant, first: int, count: int) -> Counter[str]:
    """Change states alternately; return the number of changes by entity."""
    for n in range(first, first + count):
        await home_assistant.set_state(ENTITIES[n % len(ENTITIES)], str(n), {"n": n, "ü": ["x", None]})
    return Counter(ENTITIES[n % len(ENTITIES)] for n in range(first, first + count))


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGKILL])
async def test_what_changes_while_the_ingestor_is_away_is_there_once(
    home_assistant: RealHomeAssistant, tmp_path: Path, by: signal.Signals
) -> None:
    ingestor = Ingestor(tmp_path, url=home_assistant.url, token=home_assistant.token, **QUICK)
    await ingestor.start()
    await change(home_assistant, 0, 8)
    await asyncio.sleep(1.5)  # so that the checkpoint has moved, also with kill -9
    await ingestor.process.end(by)

    changed = await change(home_assistant, 8, CHANGES)
    await home_assistant.remove_state(ENTITIES[0])
    for state in ("on", "off"):  # added and removed between two snapshots
        await home_assistant.set_state("light.ghost", state)
    await home_assistant.remove_state("light.ghost")
    logged = len(ingestor.process.log)  # on a slow machine there may already be a gap
    await ingestor.start()
    await wait_until_closed(ingestor, logged)

    try:
        for entity_id in ENTITIES:
            states = await all_states(ingestor, entity_id)
            numbers = [state for _, state in states if state is not None]
            assert numbers == [str(n) for n in range(8 + CHANGES) if ENTITIES[n % 8] == entity_id]
            assert len(numbers) == 1 + changed[entity_id]
            assert (states[-1][1] is None) == (entity_id == ENTITIES[0])
        assert [state for _, state in await all_states(ingestor, "light.ghost")] == ["on", "off", None]
        assert await history_of(home_assistant, ENTITIES[1]) == await all_states(ingestor, ENTITIES[1])
        (newest, *_) = await ingestor.api.events(entity_id=ENTITIES[3], limit=100)
        assert newest["attributes"]["ü"] == ["x", None]
    finally:
        await ingestor.process.end()
        await ingestor.api.close()


async def test_what_changes_around_a_restart_of_home_assistant_is_there_once(
    home_assistant: RealHomeAssistant, tmp_path: Path
) -> None:
    async with Ingestor(tmp_path, url=home_assistant.url, token=home_assistant.token, **QUICK) as ingestor:
        since = datetime.now(UTC).isoformat(timespec="microseconds")  # there is no gap before the first start
        going_on = asyncio.Event()
        changing = asyncio.create_task(change_until(home_assistant, going_on))
        await asyncio.sleep(1)
        logged = len(ingestor.process.log)
        await home_assistant.restart()
        await asyncio.sleep(1)
        going_on.set()
        await changing
        await wait_until_closed(ingestor, logged)
        await asyncio.sleep(1)
        entities = [state["entity_id"] for state in await home_assistant.command("get_states")]
        for entity_id in entities:
            known = [change for change in await history_of(home_assistant, entity_id) if change[0] >= since]
            stored = Counter(await all_states(ingestor, entity_id))
            assert not Counter(known) - stored, f"{entity_id} lacks what the history knows"
            assert max(stored.values(), default=1) == 1


async def test_a_state_that_the_home_dated_ahead_hides_no_outage(tmp_path: Path) -> None:
    release = Release2024()  # libfaketime is not installed in the tree of the newer release
    require_home_assistant(release)
    require_faketime()
    (tmp_path / "home").mkdir()
    clock = MachineClock(tmp_path)
    home_assistant = RealHomeAssistant(release, tmp_path / "home", clock.variables)
    await home_assistant.start()
    ingestor = Ingestor(tmp_path, url=home_assistant.url, token=home_assistant.token, **QUICK)
    try:
        await ingestor.start()
        with clock.wrong_by(3600):
            await home_assistant.set_state("sensor.ahead", "1")
        await change(home_assistant, 0, 8)
        await asyncio.sleep(1.5)  # so that the checkpoint has moved
        await ingestor.process.end(signal.SIGKILL)
        await change(home_assistant, 8, 8)
        logged = len(ingestor.process.log)
        await ingestor.start()
        await wait_until_closed(ingestor, logged)
        for n, entity_id in enumerate(ENTITIES):
            assert [state for _, state in await all_states(ingestor, entity_id)] == [str(n), str(n + 8)]
        (gap, *_) = (await ingestor.api.get("/api/v1/gaps"))["gaps"]
        assert abs(datetime.fromisoformat(gap["end"]) - datetime.now(UTC)) < timedelta(minutes=2)
    finally:
        await ingestor.process.end()
        await ingestor.api.close()
        await home_assistant.stop()


async def test_the_days_before_the_first_start_are_fetched_once(
    home_assistant: RealHomeAssistant, tmp_path: Path
) -> None:
    await change(home_assistant, 0, 40)
    variables = {**QUICK, "HISTORY_AT_FIRST_START": "10d"}
    async with Ingestor(tmp_path, url=home_assistant.url, token=home_assistant.token, **variables) as ingestor:

        async def gaps() -> list[dict[str, Any]]:
            found: list[dict[str, Any]] = (await ingestor.api.get("/api/v1/gaps"))["gaps"]
            return found

        (fetched,) = await ingestor.api.eventually(gaps, bool)
        assert (fetched["reason"], fetched["status"], fetched["lost"]) == ("first_start", "closed", [])
        for number, entity_id in enumerate(ENTITIES):
            numbers = [state for _, state in await all_states(ingestor, entity_id)]
            assert numbers == [str(n) for n in range(number, 40, len(ENTITIES))]


async def change_until(home_assistant: RealHomeAssistant, end: asyncio.Event) -> None:
    """Change states for as long as Home Assistant answers."""
    n = 0
    while not end.is_set():
        try:
            await change(home_assistant, n, 5)
        except Exception:
            await asyncio.sleep(0.05)
        n += 5
        await asyncio.sleep(0.01)


async def history_of(home_assistant: RealHomeAssistant, entity_id: str) -> list[tuple[str, str | None]]:
    """Return the last hour of Home Assistant's recorder."""
    answer = await home_assistant.command(
        "history/history_during_period",
        start_time=(datetime.now(UTC) - timedelta(hours=1)).isoformat(),
        entity_ids=[entity_id],
        include_start_time_state=False,
        significant_changes_only=False,
    )
    return [
        (datetime.fromtimestamp(row["lu"], UTC).isoformat(timespec="microseconds"), row["s"])
        for row in answer.get(entity_id, [])
    ]
