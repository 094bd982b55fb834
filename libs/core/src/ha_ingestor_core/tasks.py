"""Supervised background tasks: unexpected errors are logged and counted, and the task is restarted."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import structlog
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 60.0
_METRIC = "ha_ingestor_tasks_failures"

_log = structlog.get_logger()
_failures: Counter[str] = Counter()


def supervised(
    run: Callable[[], Coroutine[Any, Any, None]],
    *,
    name: str,
    restart: bool = True,
    first_pause_s: float = _FIRST_PAUSE_S,
) -> asyncio.Task[None]:
    """Run a coroutine function in the background until it returns or is cancelled.

    After an unexpected error it is called again, with increasing pauses. With `restart=False` the task ends, and
    its owner must report that in its health.
    """
    return asyncio.create_task(_supervise(run, name, restart, first_pause_s), name=name)


def observe_tasks(registry: CollectorRegistry) -> None:
    """Register the metric of failed tasks; repeated calls have no effect."""
    with contextlib.suppress(ValueError):  # already registered by another service of this process
        registry.register(_Failures())


async def _supervise(run: Callable[[], Coroutine[Any, Any, None]], name: str, restart: bool, pause_s: float) -> None:
    clock = asyncio.get_running_loop().time
    pause = pause_s
    while True:
        begin = clock()
        try:
            await run()
        except Exception as err:
            _failures[name] += 1
            if clock() - begin > _LONGEST_PAUSE_S:
                pause = pause_s
            then = f"restarts in {pause:g} s" if restart else "has ended. Restart the service"
            _log.exception("task_failed", task=name, error=f"{type(err).__name__}: {err}", then=then)
            if not restart:
                raise
        else:
            return
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE_S)


class _Failures(Collector):
    def describe(self) -> Iterator[CounterMetricFamily]:
        yield _family()

    def collect(self) -> Iterator[CounterMetricFamily]:
        family = _family()
        for name, count in sorted(_failures.items()):
            family.add_metric([name], count)
        yield family


def _family() -> CounterMetricFamily:
    return CounterMetricFamily(_METRIC, "Background tasks that failed unexpectedly.", labels=["task"])
