"""How commands ask the Admin API that runs: one client for one question, and an error of ours ends the command."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import typer
from ha_ingestor_core.errors import IngestorError, InvalidSettingsError, ServiceUnavailableError
from ha_ingestor_core.internal_http import InternalClient
from rich.console import Console
from rich.markup import escape

from ha_ingestor.admin_api_address import admin_api_client

_err = Console(stderr=True, highlight=False, soft_wrap=True)

T = TypeVar("T")


def asked(question: Callable[[InternalClient], Awaitable[T]]) -> T:
    """What the Admin API answers; ends the command with its error otherwise."""

    async def ask() -> T:
        client = admin_api_client()
        try:
            return await question(client)
        finally:
            await client.close()

    try:
        return asyncio.run(ask())
    except InvalidSettingsError as err:
        _err.print(escape(err.message))
        raise typer.Exit(1) from err
    except IngestorError as err:
        _err.print(f"[red]{err.key}[/red]: {escape(err.message)}")
        if isinstance(err, ServiceUnavailableError):
            _err.print("Is the ingestor running? Start it with ha-ingestor run all; ADMIN_API_PORT says where it is.")
        raise typer.Exit(1) from err
