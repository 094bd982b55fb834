"""A background task goes on after an unexpected error, or its end is known; no task of the product is left alone."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from ha_ingestor_core.tasks import observe_tasks, supervised
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

ROOT = Path(__file__).parents[3]
AWAITED = {
    "libs/core/src/ha_ingestor_core/http/bounded_listener.py": 1,
    "libs/core/src/ha_ingestor_core/tasks.py": 1,
    "libs/store/src/ha_ingestor_store/influx/writing/batch_writer.py": 1,
    "services/admin-api/src/admin_api/stats/cache.py": 1,
    "services/admin-api/src/admin_api/security/gate.py": 1,
    "services/admin-api/src/admin_api/http/server.py": 2,
    "services/admin-api/src/admin_api/stream/server_sent_events.py": 1,
    "services/all-in-one/src/ha_ingestor/checkups/home_assistant.py": 1,
    "services/all-in-one/src/ha_ingestor/runner.py": 2,
    "services/websocket-ingestion/src/websocket_ingestion/gaps/gap_filler.py": 2,
}
"""Tasks whose result or error somebody waits for, by file."""


class Failing:
    """Fails so often, then stays."""

    def __init__(self, times: int) -> None:
        self.left = times
        self.stays = asyncio.Event()

    async def run(self) -> None:
        if self.left:
            self.left -= 1
            raise OverflowError("date value out of range")
        self.stays.set()
        await asyncio.Event().wait()


def failures(name: str) -> float | None:
    registry = CollectorRegistry()
    observe_tasks(registry)
    observe_tasks(registry)
    return registry.get_sample_value("ha_ingestor_tasks_failures_total", {"task": name})


async def test_a_failed_task_is_restarted_and_counted() -> None:
    failing = Failing(3)
    with capture_logs() as logs:
        task = supervised(failing.run, name="restarted", first_pause_s=0)
        async with asyncio.timeout(5):
            await failing.stays.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [line["event"] for line in logs] == ["task_failed"] * 3
    assert logs[0]["error"] == "OverflowError: date value out of range"
    assert failures("restarted") == 3


async def test_a_failed_task_without_restart_ends_and_is_counted() -> None:
    with capture_logs() as logs:
        task = supervised(Failing(1).run, name="ends", restart=False)
        with pytest.raises(OverflowError):
            await task
    assert logs[0]["log_level"] == "error"
    assert failures("ends") == 1


async def test_a_task_that_returns_has_ended() -> None:
    async def run() -> None:
        return

    await supervised(run, name="returns")
    assert failures("returns") is None


def tasks_in(source: str) -> Iterator[ast.Call]:
    """Every call that makes a task which is not one of a task group."""
    tree = ast.parse(source)
    groups = {
        item.optional_vars.id
        for node in ast.walk(tree)
        if isinstance(node, ast.AsyncWith)
        for item in node.items
        if isinstance(item.optional_vars, ast.Name) and "TaskGroup" in ast.unparse(item.context_expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            owner, _, name = ast.unparse(node.func).rpartition(".")
            if name in ("create_task", "ensure_future") and owner not in groups:
                yield node


def test_every_background_task_is_supervised() -> None:
    sources = [path for part in ("libs", "services") for path in (ROOT / part).glob("*/src/**/*.py")]
    found = {
        str(path.relative_to(ROOT)): tasks
        for path in sources
        if (tasks := len(list(tasks_in(path.read_text(encoding="utf-8")))))
    }
    assert found == AWAITED
