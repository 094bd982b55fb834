"""One term after the other: each begins anew, is extended in the background, and ends with a release."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest
import structlog
from ha_ingestor_core.errors import StoreUnavailableError
from ha_ingestor_store.influx.rollups import tenure
from ha_ingestor_store.influx.rollups.lease import Lease, Term
from ha_ingestor_store.influx.rollups.rollups import Rollups
from ha_ingestor_store.influx.rollups.tenure import Tenure, Tenures


class FakeTerm:
    found = None

    def __init__(self, number: int) -> None:
        self.number = number
        self.is_held = True


class FakeLease:
    def __init__(self) -> None:
        self.number = 0
        self.is_free = True

    async def take(self, begin: Any) -> Term:
        await asyncio.sleep(0)
        if not self.is_free:
            raise StoreUnavailableError("b writes the events of this InfluxDB")
        self.number += 1
        return cast("Term", FakeTerm(self.number))


class FakeRollups:
    next_in_s = 0.001

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.fails = False
        self.called = asyncio.Event()

    async def _call(self, name: str) -> None:
        self.calls.append(name)
        self.called.set()
        if self.fails:
            raise StoreUnavailableError("away") if len(self.calls) % 2 else ValueError("a mistake of ours")

    async def until(self, reached: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not reached():
                self.called.clear()
                await self.called.wait()

    async def renew(self) -> None:
        await self._call("renew")

    async def roll_up(self) -> None:
        await self._call("roll_up")

    async def release(self) -> None:
        await self._call("release")


@pytest.fixture
def lease() -> FakeLease:
    return FakeLease()


@pytest.fixture
def rollups() -> FakeRollups:
    return FakeRollups()


@pytest.fixture
def tenures(lease: FakeLease, rollups: FakeRollups, monkeypatch: pytest.MonkeyPatch) -> Tenures[str]:
    for name in ("CYCLE_S", "RENEWED_AFTER_S"):
        monkeypatch.setattr(tenure, name, 0.001)
    return Tenures(
        cast("Lease", lease), lambda term: Tenure(term, cast("Rollups", rollups), f"the events of term {term.number}")
    )


async def test_many_that_ask_at_once_get_the_same_term(tenures: Tenures[str], lease: FakeLease) -> None:
    found = await asyncio.gather(*(tenures.current() for _ in range(5)))
    assert {each.events for each in found} == {"the events of term 1"}


async def test_a_term_that_has_ended_is_followed_by_one_that_remembers_nothing(tenures: Tenures[str]) -> None:
    cast("FakeTerm", (await tenures.current()).term).is_held = False
    assert (await tenures.current()).events == "the events of term 2"


async def test_while_another_holds_the_lease_nothing_is_written(tenures: Tenures[str], lease: FakeLease) -> None:
    lease.is_free = False
    with pytest.raises(StoreUnavailableError, match="b writes the events"):
        await tenures.current()
    lease.is_free = True
    assert (await tenures.current()).term.number == 1


async def test_it_renews_and_rolls_up_by_itself_until_it_is_stopped_and_then_releases(
    tenures: Tenures[str], rollups: FakeRollups
) -> None:
    tenures.start(rolls_up=True)
    await rollups.until(lambda: {"renew", "roll_up"} <= set(rollups.calls))
    await tenures.stop()
    await tenures.stop()
    assert rollups.calls[-1] == "release"
    assert rollups.calls.count("release") == 1


async def test_a_store_that_rolls_up_when_asked_renews_what_it_has_taken_and_takes_nothing_by_itself(
    tenures: Tenures[str], rollups: FakeRollups, lease: FakeLease
) -> None:
    tenures.start(rolls_up=False)
    await asyncio.sleep(0.01)
    assert lease.number == 0
    await tenures.current()
    await rollups.until(lambda: bool(rollups.calls))
    await tenures.stop()
    assert set(rollups.calls) == {"renew", "release"}


async def test_it_goes_on_after_failures_and_is_loud_once(tenures: Tenures[str], rollups: FakeRollups) -> None:
    rollups.fails = True
    with structlog.testing.capture_logs() as logs:
        tenures.start(rolls_up=True)
        await rollups.until(lambda: len(rollups.calls) >= 8)
        rollups.fails = False
        await rollups.until(lambda: any(each["event"] == "rollups_resumed" for each in logs))
        await tenures.stop()
    assert sum(each["event"].startswith(("rollups_waits", "rollups_failed")) for each in logs) == 1


async def test_a_release_that_fails_does_not_hold_up_the_stop(tenures: Tenures[str], rollups: FakeRollups) -> None:
    await tenures.current()
    rollups.fails = True
    with structlog.testing.capture_logs() as logs:
        await tenures.stop()
    assert logs[-1]["event"] == "writing_lease_not_released"
