"""The thread that does all blocking work on a spool's files, one call after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


class DiskThread:
    """Runs blocking calls beside the event loop, in their order."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="spool")

    async def run(self, call: Callable[..., T], *arguments: Any) -> T:
        """Return what the call returns, or raise what it raises."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, call, *arguments)

    def stop(self) -> None:
        """End after the call that runs."""
        self._executor.shutdown(wait=False)
