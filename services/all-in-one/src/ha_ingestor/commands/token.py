"""`ha-ingestor token`: replaces the access token of Home Assistant without a restart."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Annotated

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
from websocket_ingestion.settings import Settings

from ha_ingestor.checkups.home_assistant import try_token
from ha_ingestor.console.output import show

app = typer.Typer(no_args_is_help=True, help="Set the access token of Home Assistant.")


@app.callback()
def _group() -> None:
    """Makes `set` a subcommand, which typer does not do for a single command."""


@app.command("set")
def set_(
    home: Annotated[str | None, typer.Option(metavar="NAME", help="The home; default: the one of HA_URL")] = None,
    check: Annotated[bool, typer.Option(help="Test the token with Home Assistant before writing it")] = True,
) -> None:
    """Ask for a new long-lived access token, test it, and write it to [b].env[/b].

    The token is read from the terminal or from standard input, never from the command line, where others can see it.
    A running instance uses it within seconds, without a restart.
    """
    variable = _variable(home)
    token = _read(variable)
    target = _home(home, variable, token)
    version = asyncio.run(try_token(target)) if check else None
    set_in_env_file(env_file(), {variable: token})
    accepted = f"Home Assistant {version or ''} accepts the token. " if check else ""
    file = env_file().resolve()
    show(
        {"variable": variable, "file": str(file), "home_assistant": version},
        f"{accepted}{variable} is set in {escape(str(file))}. A running instance uses it within seconds.",
    )


def _variable(name: str | None) -> str:
    """Return the setting with the token of a home; raises InvalidInputError if it is not read from `.env`."""
    further = HomesSettings().named()  # type: ignore[call-arg]  # its fields come from the environment
    variable = f"HA_TOKEN_{suffix_of(name)}" if name in further and name is not None else "HA_TOKEN"
    if file := secret_file(variable):
        raise InvalidInputError(
            f"{variable} is read from {file}. Write the new token to this file; it is used within seconds"
        )
    if os.environ.get(variable):
        raise InvalidInputError(
            f"{variable} is set in the environment, which takes precedence over {env_file()}. Change it there, and "
            "restart HA Ingestor"
        )
    return variable


def _read(variable: str) -> str:
    """Read the token from the terminal or from standard input."""
    if sys.stdin.isatty():
        token: str = typer.prompt(f"Long-lived access token for {variable}", hide_input=True, err=True)
    else:
        token = sys.stdin.read()
    token = token.strip()
    if not token:
        raise InvalidInputError("No token on standard input")
    remember_secret(token)
    return token


def _home(name: str | None, variable: str, token: str) -> Home:
    """Return the home with its new token; raises InvalidInputError and InvalidSettingsError."""
    os.environ[variable] = token  # for this process only: the settings may have no token yet, or an invalid one
    try:
        settings = load_settings(Settings)
        homes = homes_to_capture(settings.home_assistant, settings.homes)
    finally:
        del os.environ[variable]
    found = next((each for each in homes if each.token_variable == variable), None)
    if found is None or name not in (None, found.name):
        raise InvalidInputError(f"There is no home {name}. --home must be one of {', '.join(h.name for h in homes)}")
    return found
