"""Requests to the running Admin API, with a client for each request."""

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
    """Return the result of a call with a client of the Admin API; raises IngestorError."""

    async def ask() -> T:
        client = admin_api_client()
        try:
            return await question(client)
        finally:
            await client.close()

    try:
        return asyncio.run(ask())
    except msgspec.MsgspecError as err:
        raise ServiceRefusedError(f"The response is not from the Admin API ({err}). Check ADMIN_API_PORT") from err
