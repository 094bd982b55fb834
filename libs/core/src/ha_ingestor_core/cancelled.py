"""Ends a loop whose cancellation was lost in an awaited task."""

from __future__ import annotations

import asyncio


def end_if_cancelled() -> None:
    """Raise CancelledError where the task was cancelled and still runs.

    `await task` forwards a cancellation to that task. If the task fails at the same moment with an error that is
    retried, the cancellation is lost, and a caller that waits for the end would wait for ever.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
