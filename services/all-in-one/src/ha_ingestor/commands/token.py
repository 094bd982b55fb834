"""`ha-ingestor token`: replaces the access token of Home Assistant while the ingestor runs."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Annotated

import aiohttp
import typer
from ha_ingestor_core.errors import InvalidInputError
from ha_ingestor_core.redaction import remember_secret
from ha_ingestor_core.settings.env_file import env_file, set_in_env_file
from ha_ingestor_core.settings.homes import HomesSettings, suffix_of
from ha_ingestor_core.settings.loading import load_settings
from ha_ingestor_core.settings.secret_files import secret_file
from rich.markup import escape
from websocket_ingestion.configured_homes import homes_to_capture
from websocket_ingestion.connection.capture import Home
from websocket_ingestion.connection.handshake import open_socket
from websocket_ingestion.connection.socket import SocketTiming
from websocket_ingestion.settings import Settings

from ha_ingestor.console.output import show

app = typer.Typer(no_args_is_help=True, help="The access token of Home Assistant.")

_TIMING = SocketTiming(login_s=10.0)


@app.callback()
def _group() -> None:
    """Keeps `set` a command of its own."""


@app.command("set")
def set_(
    home: Annotated[str | None, typer.Option(metavar="NAME", help="The home; the one of HA_URL when left out")] = None,
    check: Annotated[bool, typer.Option(help="Try the token against Home Assistant before it is written")] = True,
) -> None:
    """Ask for a new long-lived access token, try it, and write it to [b].env[/b].

    The token is read from the terminal, or from standard input: never from the command line, where others can see it.
    The running ingestor uses it within seconds, without a restart.
    """
    variable = _variable(home)
    token = _read(variable)
    target = _home(home, variable, token)
    version = asyncio.run(tried(target)) if check else None
    set_in_env_file(env_file(), {variable: token})
    accepted = f"Home Assistant {version or ''} accepts the token. " if check else ""
    file = env_file().resolve()
    show(
        {"variable": variable, "file": str(file), "home_assistant": version},
        f"{accepted}{variable} is set in {escape(str(file))}; a running ingestor uses it within seconds.",
    )


def _variable(name: str | None) -> str:
    """The setting that holds the token of a home; raises InvalidInputError where it is not read from `.env`."""
    further = HomesSettings().named()  # type: ignore[call-arg]  # its fields come from the environment
    variable = f"HA_TOKEN_{suffix_of(name)}" if name in further and name is not None else "HA_TOKEN"
    if file := secret_file(variable):
        raise InvalidInputError(f"{variable} is read from {file}: write the new token there, it is used within seconds")
    if os.environ.get(variable):
        raise InvalidInputError(
            f"{variable} is set in the environment, which takes precedence over {env_file()}. Change it there, and "
            "restart the ingestor"
        )
    return variable


def _read(variable: str) -> str:
    """The token that is typed in, or piped."""
    if sys.stdin.isatty():
        token: str = typer.prompt(f"Long-lived access token for {variable}", hide_input=True, err=True)
    else:
        token = sys.stdin.read()
    token = token.strip()
    if not token:
        raise InvalidInputError("There is no token on standard input")
    remember_secret(token)
    return token


def _home(name: str | None, variable: str, token: str) -> Home:
    """The home with its new token; raises InvalidInputError, and InvalidSettingsError where a setting is wrong."""
    os.environ[variable] = token  # of this process alone: the settings may hold no token yet, or a wrong one
    try:
        settings = load_settings(Settings)
        homes = homes_to_capture(settings.home_assistant, settings.homes)
    finally:
        del os.environ[variable]
    found = next((each for each in homes if each.token_variable == variable), None)
    if found is None or name not in (None, found.name):
        raise InvalidInputError(f"There is no home {name}. --home should be one of {', '.join(h.name for h in homes)}")
    return found


async def tried(home: Home) -> str | None:
    """Return the version of the Home Assistant that accepts the token of a home; raises what open_socket raises."""
    token = home.token.get_secret_value()
    async with aiohttp.ClientSession(connector=home.tls.connector()) as http:
        socket = await open_socket(http, home.url, token, _TIMING, ca_setting=home.ca_variable)
        await socket.close()
        return socket.ha_version
