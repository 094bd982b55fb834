"""How commands ask the Admin API that runs: one client for one question."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec
from ha_ingestor_core.errors import ServiceRefusedError
from ha_ingestor_core.http.client import InternalClient

from ha_ingestor.api_client.address import admin_api_client

T = TypeVar("T")


def asked(question: Callable[[InternalClient], Awaitable[T]]) -> T:
    """What the Admin API answers; raises IngestorError."""

    async def ask() -> T:
        client = admin_api_client()
        try:
            return await question(client)
        finally:
            await client.close()

    try:
        return asyncio.run(ask())
    except msgspec.MsgspecError as err:
        raise ServiceRefusedError(
            f"The Admin API answered something else ({err}). Is ADMIN_API_PORT the port of another program?"
        ) from err
