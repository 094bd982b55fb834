"""`ha-ingestor init`: asks for the address and the token of Home Assistant, tests them, and writes `.env`."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from dotenv import dotenv_values
from ha_ingestor_core.clock import SystemClock
from ha_ingestor_core.errors import InvalidInputError
from ha_ingestor_core.redaction import without_secrets
from ha_ingestor_core.settings.env_file import env_file, env_file_can_be_written, set_in_env_file
from ha_ingestor_core.settings.group import unreadable_env_file
from ha_ingestor_core.settings.secret_files import secret_file
from ha_ingestor_store.checkup import Finding, Status
from ha_ingestor_store.settings import StoreSettings
from rich.markup import escape
from websocket_ingestion.connection.capture import Home

from ha_ingestor.checkups.doctor import as_data, as_row
from ha_ingestor.checkups.home_assistant import NAME, check_homes, try_token
from ha_ingestor.console.output import err, show
from ha_ingestor.init_prompts import Answers, ask_until_accepted, home_address, home_of, tls_of


def init(
    url: Annotated[str | None, typer.Option(help="Address of Home Assistant; without it, the command asks")] = None,
    ca_file: Annotated[
        Path | None, typer.Option(help="PEM file of the authority of its certificate, if the system does not trust it")
    ] = None,
    verify_tls: Annotated[bool, typer.Option(help="Verify its certificate; --no-verify-tls accepts any")] = True,
    check: Annotated[bool, typer.Option(help="Test address and token before writing them")] = True,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace address and token in .env without asking")
    ] = False,
) -> None:
    """Ask for the address and a long-lived access token of Home Assistant, test them, and write them to [b].env[/b].

    Without a terminal the token is read from standard input, and [b]--url[/b] is required. The token is never taken
    from the command line, where others can see it. All other settings in [b].env[/b] are kept.
    """
    is_terminal = _is_terminal()
    _check_environment()
    file = env_file().resolve()
    try:
        known = dotenv_values(file, encoding="utf-8-sig", interpolate=False)
    except UnicodeError as error:
        raise unreadable_env_file(error) from error
    if not overwrite and (known.get("HA_URL") or known.get("HA_TOKEN")):
        _confirm_overwriting(file, known.get("HA_URL"), is_terminal=is_terminal)
    tls = tls_of(ca_file, known.get("HA_CA_FILE"), verify=verify_tls)
    answers = Answers(home_address(url) if url else None, None, tls)
    if is_terminal:
        home, version = ask_until_accepted(answers, check=check)
    else:
        home = _given(answers)
        version = asyncio.run(try_token(home)) if check else None
    _write(file, home)
    findings = asyncio.run(_further_findings(home)) if check else []
    accepted = f"Home Assistant {version or ''} accepts the token. " if check else ""
    show(
        {"file": str(file), "url": home.url, "home_assistant": version, "findings": list(map(as_data, findings))},
        *map(as_row, findings),
        f"{escape(accepted)}HA_URL and HA_TOKEN are set in {escape(str(file))}.",
        "Start HA Ingestor with `ha-ingestor` in this folder. Restart it if it is running.",
    )


def _is_terminal() -> bool:
    return sys.stdin.isatty()


def _check_environment() -> None:
    """Raise InvalidInputError if `.env` cannot be written, or the environment would override it."""
    if not env_file_can_be_written():
        raise InvalidInputError(
            f"{env_file().resolve()} cannot be written. Run the command in a writable folder. In a container, set "
            "HA_URL and HA_TOKEN as environment variables instead"
        )
    names = [name for name in ("HA_URL", "HA_TOKEN", "HA_CA_FILE", "HA_VERIFY_TLS") if os.environ.get(name)]
    if secret_file("HA_TOKEN"):
        names.append("HA_TOKEN_FILE")
    if names:
        raise InvalidInputError(
            f"The environment sets {', '.join(names)}, which takes precedence over {env_file()}. Unset it first"
        )


def _confirm_overwriting(file: Path, url: str | None, *, is_terminal: bool) -> None:
    """Ask before overwriting; raises InvalidInputError without a terminal, and exits if the answer is no."""
    sets = f"{file} sets {f'HA_URL={url}' if url else 'HA_TOKEN'}"
    if not is_terminal:
        raise InvalidInputError(f"{without_secrets(sets)} already. Use --overwrite to replace it")
    if not typer.confirm(f"{without_secrets(sets)}. Replace its address and token?", err=True):
        err.print("No changes were made.")
        raise typer.Exit(1)


def _given(answers: Answers) -> Home:
    """Return the home of the options and of standard input; raises InvalidInputError if either is missing."""
    token = sys.stdin.read().strip()
    if not answers.url:
        raise InvalidInputError("--url is required without a terminal")
    if not token:
        raise InvalidInputError("No token on standard input")
    return home_of(answers.url, token, answers.tls)


def _write(file: Path, home: Home) -> None:
    values = {"HA_URL": home.url, "HA_TOKEN": home.token.get_secret_value()}
    if home.tls.ca_file:
        values["HA_CA_FILE"] = str(home.tls.ca_file)
    if not home.tls.verify:
        values["HA_VERIFY_TLS"] = "false"
    set_in_env_file(file, values)


async def _further_findings(home: Home) -> list[Finding]:
    """Return problems with the rights of the token and with the clocks."""
    found = check_homes([home], data_dir=StoreSettings.model_validate({}).data_dir, clock=SystemClock())
    return [finding async for finding in found if finding.name != NAME and finding.status is not Status.GOOD]
