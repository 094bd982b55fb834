"""Parts start in order and stop in reverse at a signal, even if some fail."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest
from ha_ingestor import runner
from ha_ingestor.runner import Parts, run_until_signalled
from ha_ingestor_core.errors import TerminalError


class FakePart:
    def __init__(self, name: str, journal: list[str], *, fails_to_stop: bool = False) -> None:
        self._name = name
        self._journal = journal
        self._fails_to_stop = fails_to_stop

    async def start(self) -> None:
        self._journal.append(f"start {self._name}")

    async def stop(self) -> None:
        self._journal.append(f"stop {self._name}")
        if self._fails_to_stop:
            raise RuntimeError("cannot stop")


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_all_parts_in_reverse(by: signal.Signals) -> None:
    journal: list[str] = []

    async def close() -> None:
        journal.append("close")

    async def build(parts: Parts) -> str:
        parts.on_end(close)
        await parts.start(FakePart("a", journal))
        await parts.start(FakePart("b", journal))
        return "running"

    def announce(line: str) -> None:
        journal.append(line)
        os.kill(os.getpid(), by)

    run_until_signalled(build, announce)
    assert journal == ["start a", "start b", "running", "stop b", "stop a", "close"]


def test_a_signal_drains_before_anything_stops_whatever_fails_of_it() -> None:
    journal: list[str] = []

    async def fail() -> None:
        raise RuntimeError("cannot drain")

    async def drain() -> None:
        journal.append("drain")

    async def build(parts: Parts) -> str:
        await parts.start(FakePart("a", journal))
        parts.on_signal(fail)
        parts.on_signal(drain)
        await parts.start(FakePart("b", journal))
        os.kill(os.getpid(), signal.SIGTERM)
        return "running"

    run_until_signalled(build, journal.append)
    assert journal == ["start a", "start b", "running", "drain", "stop b", "stop a"]


def test_a_part_that_fails_to_stop_does_not_keep_the_others_from_it() -> None:
    journal: list[str] = []

    async def build(parts: Parts) -> str:
        await parts.start(FakePart("a", journal))
        await parts.start(FakePart("b", journal, fails_to_stop=True))
        os.kill(os.getpid(), signal.SIGINT)
        return "running"

    run_until_signalled(build, journal.append)
    assert journal[-2:] == ["stop b", "stop a"]


def test_what_started_is_stopped_when_the_next_part_cannot_start() -> None:
    journal: list[str] = []

    async def build(parts: Parts) -> str:
        await parts.start(FakePart("a", journal))
        raise TerminalError("no")

    with pytest.raises(TerminalError):
        run_until_signalled(build, journal.append)
    assert journal == ["start a", "stop a"]


def test_a_signal_during_the_start_ends_it() -> None:
    journal: list[str] = []

    class Slow(FakePart):
        async def start(self) -> None:
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.Event().wait()

    async def build(parts: Parts) -> str:
        await parts.start(FakePart("a", journal))
        await parts.start(Slow("b", journal))
        return "never"

    run_until_signalled(build, journal.append)
    assert journal == ["start a", "stop b", "stop a"]


def test_a_part_that_hangs_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "_STOP_LIMIT_S", 0.05)
    journal: list[str] = []

    class Hanging(FakePart):
        async def stop(self) -> None:
            await asyncio.Event().wait()

    async def build(parts: Parts) -> str:
        await parts.start(FakePart("a", journal))
        await parts.start(Hanging("b", journal))
        os.kill(os.getpid(), signal.SIGINT)
        return "running"

    run_until_signalled(build, journal.append)
    assert journal[-1] == "stop a"


def test_an_ending_that_fails_does_not_spoil_a_clean_exit() -> None:
    journal: list[str] = []

    async def fail() -> None:
        raise RuntimeError("cannot close")

    async def build(parts: Parts) -> str:
        await parts.start(FakePart("a", journal))
        parts.on_end(fail)
        os.kill(os.getpid(), signal.SIGINT)
        return "running"

    run_until_signalled(build, journal.append)
    assert journal[-1] == "stop a"
