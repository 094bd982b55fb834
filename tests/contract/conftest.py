"""The dialects that the contract is held against; a new one is a line here."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from ha_ingestor_store import Store
from ha_ingestor_store.embedded.client import EmbeddedStore

OpenStore = Callable[[], AbstractAsyncContextManager[Store]]


@asynccontextmanager
async def _embedded() -> AsyncIterator[Store]:
    with TemporaryDirectory() as folder:
        store = await EmbeddedStore.open(Path(folder))
        try:
            yield store
        finally:
            await store.close()


DIALECTS: dict[str, OpenStore] = {"embedded": _embedded}


@pytest.fixture(params=sorted(DIALECTS))
def open_empty_store(request: pytest.FixtureRequest) -> OpenStore:
    """Opens a new, empty store of one dialect; as often as it is called."""
    return DIALECTS[request.param]
