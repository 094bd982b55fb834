"""Once after a flurry."""

from __future__ import annotations

import asyncio
from typing import Any

from websocket_ingestion.connection.debounce import Debounced


async def test_a_flurry_is_one_run_and_a_later_trigger_another(eventually: Any) -> None:
    runs = []

    async def action() -> None:
        runs.append(1)

    debounced = Debounced(action, delay_s=0.005)
    task = asyncio.create_task(debounced.run())
    for _ in range(10):
        debounced.trigger()
    await eventually(lambda: runs)
    assert len(runs) == 1
    debounced.trigger()
    await eventually(lambda: len(runs) == 2)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_trigger_during_a_run_is_another_run(eventually: Any) -> None:
    runs = []

    async def action() -> None:
        runs.append(1)
        if len(runs) == 1:
            debounced.trigger()

    debounced = Debounced(action, delay_s=0)
    debounced.trigger()
    task = asyncio.create_task(debounced.run())
    await eventually(lambda: len(runs) == 2)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
