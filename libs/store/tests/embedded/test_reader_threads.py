"""Queries that are cancelled, take too long, or are too many."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from ha_ingestor_core.errors import StoreDamagedError, StoreUnavailableError
from ha_ingestor_store.embedded import reader_threads
from ha_ingestor_store.embedded.store import EmbeddedStore

ENDLESS = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c"


def one_endless_query(db: sqlite3.Connection) -> None:
    db.execute(ENDLESS).fetchone()


def endless_queries(db: sqlite3.Connection) -> None:
    while True:
        db.execute("SELECT 1").fetchone()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[EmbeddedStore]:
    store = await EmbeddedStore.open(tmp_path)
    yield store
    await store.close()


@pytest.mark.parametrize("question", [one_endless_query, endless_queries])
async def test_questions_that_are_given_up_give_their_threads_back(
    store: EmbeddedStore, question: Callable[[sqlite3.Connection], None]
) -> None:
    asked = [asyncio.create_task(store.reader.database.read(question)) for _ in range(20)]
    await asyncio.sleep(0.05)
    for each in asked:
        each.cancel()
    await asyncio.gather(*asked, return_exceptions=True)
    async with asyncio.timeout(5):
        await store.reader.ping()


async def test_no_question_takes_for_ever(store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader_threads, "_QUERY_LIMIT_S", 0.05)
    with pytest.raises(StoreUnavailableError):
        await store.reader.database.read(one_endless_query)
    monkeypatch.undo()
    await store.reader.ping()


async def test_too_many_questions_are_refused_at_once(store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader_threads, "_QUEUE_LIMIT", 5)
    asked = [asyncio.create_task(store.reader.database.read(one_endless_query)) for _ in range(5)]
    await asyncio.sleep(0.05)
    with pytest.raises(StoreUnavailableError, match="5 queries are waiting"):
        await store.reader.ping()
    for each in asked:
        each.cancel()
    await asyncio.gather(*asked, return_exceptions=True)
    await store.reader.ping()


async def test_an_error_that_ended_the_transaction_is_not_hidden(store: EmbeddedStore) -> None:
    def damaged(db: sqlite3.Connection) -> None:
        db.execute("ROLLBACK")  # as SQLite does with some errors
        error = sqlite3.DatabaseError("malformed")
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error

    with pytest.raises(StoreDamagedError):
        await store.reader.database.read(damaged)
