"""A loop whose cancellation was lost on its way ends all the same."""

from __future__ import annotations

import asyncio

from ha_ingestor_core.cancelled import end_if_cancelled


async def test_a_loop_ends_although_what_it_waited_for_failed_instead_of_passing_the_cancellation_on() -> None:
    turns = 0

    async def fails_at_the_end() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise OSError("the connection was lost just then")

    async def tries_for_ever() -> None:
        nonlocal turns
        while True:
            end_if_cancelled()
            turns += 1
            try:
                await asyncio.create_task(fails_at_the_end())
            except OSError:
                continue

    task = asyncio.create_task(tries_for_ever())
    await asyncio.sleep(0.01)
    task.cancel()
    done, _ = await asyncio.wait({task}, timeout=1)
    assert done == {task}
    assert (task.cancelled(), turns) == (True, 1)


async def test_a_loop_without_a_cancellation_continues() -> None:
    end_if_cancelled()
