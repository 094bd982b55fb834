"""Ending a loop that was cancelled, whatever became of the cancellation on its way."""

from __future__ import annotations

import asyncio


def end_if_cancelled() -> None:
    """Raise CancelledError where the task was cancelled and goes on all the same.

    `await task` leaves it to that task to pass a cancellation on. Where it fails by itself just then, and the failure
    is a reason to try again, nobody would ever hear of it, and whoever waits for the end would wait for ever.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
