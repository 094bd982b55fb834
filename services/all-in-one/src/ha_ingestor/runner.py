"""Runs a role until a signal: one signal handler, parts started in order and stopped in reverse."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any, Protocol

import structlog
from ha_ingestor_core.errors import TerminalError

from ha_ingestor.watchdog import Watchdog

_STOP_LIMIT_S = 5.0
_OBJECTS_PER_COLLECTION = 50_000
"""The threshold of Python's cyclic collector: events have no cycles, and the default of 700 cost 8 % under load."""

_log = structlog.get_logger()


class Part(Protocol):
    """A component that is started once and stopped once."""

    async def start(self) -> None:
        """Return when it is ready."""
        ...

    async def stop(self) -> None:
        """Return when it has stopped."""
        ...


class Parts:
    """The running parts. Leaving the stack stops them in reverse order, each independently and with a timeout."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = stack
        self._drains: list[Callable[[], Coroutine[Any, Any, None]]] = []

    async def start(self, part: Part) -> None:
        """Start a part; it is stopped at the end."""
        self._stack.push_async_callback(_end, type(part).__name__, part.stop)
        await part.start()

    def on_signal(self, drain: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Await a callback after a signal, before any part is stopped; it must limit its own time."""
        self._drains.append(drain)

    async def drain(self) -> None:
        """Await the callbacks of `on_signal`; failures are logged."""
        for drain in self._drains:
            try:
                await drain()
            except Exception:
                _log.exception("part_failed_to_drain", part=drain.__qualname__)

    def on_end(self, callback: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Call back when the parts that were started later have stopped."""
        self._stack.push_async_callback(_end, callback.__qualname__, callback)


Build = Callable[[Parts], Coroutine[Any, Any, str]]
"""Starts all parts of a role; returns the line to print when they run."""


def run_until_signalled(build: Build, announce: Callable[[str], object], *, hang_limit_s: float = 0.0) -> None:
    """Start what `build` builds, announce it, and stop it at Ctrl-C or SIGTERM; a second signal exits immediately.

    If the event loop is blocked for `hang_limit_s` (0: unlimited), the process exits.
    """
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_run(build, announce, Watchdog(hang_limit_s)))


async def _run(build: Build, announce: Callable[[str], object], watchdog: Watchdog) -> None:
    signalled = asyncio.Event()
    _on_signals(signalled)
    async with AsyncExitStack() as stack:
        parts = Parts(stack)
        building = asyncio.create_task(build(parts), name="start")
        interrupted = asyncio.create_task(signalled.wait(), name="signal")
        await asyncio.wait({building, interrupted}, return_when=asyncio.FIRST_COMPLETED)
        if not building.done():
            building.cancel()
            await asyncio.wait({building})
            return
        announce(building.result())
        await parts.start(watchdog)
        gc.freeze()  # these objects live until the end, so the collector can skip them
        gc.set_threshold(_OBJECTS_PER_COLLECTION)
        await interrupted
        _log.info("stopping")
        await parts.drain()


def _on_signals(signalled: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()

    def handle(name: str) -> None:
        if signalled.is_set():
            raise SystemExit(f"Second {name}: exited immediately")
        signalled.set()

    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, handle, each.name)


async def _end(name: str, stop: Callable[[], Coroutine[Any, Any, None]]) -> None:
    try:
        async with asyncio.timeout(_STOP_LIMIT_S):
            await stop()
    except TimeoutError:
        _log.warning("part_did_not_stop_in_time", part=name, limit_s=_STOP_LIMIT_S)
    except Exception:
        _log.exception("part_failed_to_stop", part=name)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    if sys.platform == "win32":
        raise TerminalError("HA Ingestor supports Linux and macOS. On Windows use WSL")
    import uvloop

    return uvloop.new_event_loop
