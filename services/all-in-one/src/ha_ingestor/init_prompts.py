"""The prompts of `ha-ingestor init`: address, token and certificate authority, until Home Assistant accepts them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import typer
from ha_ingestor_core.errors import IngestorError, InvalidInputError
from ha_ingestor_core.redaction import remember_credentials, remember_secret, without_secrets
from ha_ingestor_core.settings.addresses import parse_home_assistant_address
from ha_ingestor_core.settings.tls import Tls
from msgspec import Struct
from msgspec.structs import replace
from pydantic import SecretStr
from websocket_ingestion.connection.capture import Home
from websocket_ingestion.errors import AuthInvalidError, CertificateRefusedError

from ha_ingestor.checkups.home_assistant import try_token
from ha_ingestor.console.output import err, fail

T = TypeVar("T")

_USUAL = "http://homeassistant.local:8123"
_NO_HOME_ASSISTANT = (
    "Open the address in a browser: it must show Home Assistant (default port 8123). "
    "If the name cannot be resolved, use the IP address."
)
_NEW_TOKEN = "Create a long-lived access token in Home Assistant: your profile, Security, at the bottom."  # noqa: S105


class Answers(Struct, frozen=True):
    """The answers so far; None is still to be asked."""

    url: str | None
    token: str | None
    tls: Tls


def ask_until_accepted(answers: Answers, *, check: bool) -> tuple[Home, str | None]:
    """Ask until Home Assistant accepts address and token; return the home and the version of Home Assistant."""
    refused: set[str] = set()
    with asyncio.Runner() as runner:
        while True:
            url = answers.url or _until_right("Address of Home Assistant", home_address, default=_USUAL)
            answers = replace(answers, url=url, token=answers.token or _ask_token(refused))
            home = home_of(url, str(answers.token), answers.tls)
            try:
                return home, runner.run(try_token(home)) if check else None
            except AuthInvalidError as error:
                refused.add(str(answers.token))
                fail(error.key, error.message, [_NEW_TOKEN])
                answers = replace(answers, token=None)
            except CertificateRefusedError as error:
                fail(error.key, without_secrets(error.message), ["--no-verify-tls accepts any certificate."])
                answers = _with_authority(answers)
            except IngestorError as error:
                fail(error.key, without_secrets(error.message), [_NO_HOME_ASSISTANT])
                answers = replace(answers, url=None)


def _until_right(question: str, parse: Callable[[str], T], *, default: str | None = None) -> T:
    while True:
        try:
            return parse(typer.prompt(question, default=default, err=True))
        except InvalidInputError as problem:
            fail(problem.key, problem.message)


def _ask_token(refused: set[str]) -> str:
    """Ask for a token that was not refused before: Home Assistant counts refusals and may ban this machine."""
    while True:
        token: str = typer.prompt("Long-lived access token (hidden)", hide_input=True, err=True).strip()
        if token and token not in refused:
            return token
        err.print("This token was already refused. " + _NEW_TOKEN if token else _NEW_TOKEN)


def _with_authority(answers: Answers) -> Answers:
    """Ask for the file of a certificate authority; without one, the address is asked again."""
    question = "PEM file of its certificate authority (leave empty to enter another address)"
    tls = _until_right(question, lambda text: tls_of(Path(text), None, verify=True) if text else None, default="")
    return replace(answers, tls=tls) if tls else replace(answers, url=None)


def home_address(text: str) -> str:
    """Return the normalized address, with http:// if it has no scheme; raises InvalidInputError."""
    text = text.strip()
    try:
        url = parse_home_assistant_address(text if "://" in text else f"http://{text}")
    except ValueError as problem:
        raise InvalidInputError(f"The address {problem}") from problem
    remember_credentials(url)
    return url


def tls_of(ca_file: Path | None, known: str | None, *, verify: bool) -> Tls:
    """Return how the certificate is verified; raises InvalidInputError for a file without certificates."""
    path = ca_file or (Path(known) if known else None)
    tls = Tls(path.resolve() if path else None, verify)
    if problem := tls.problem():
        raise InvalidInputError(f"{problem}. It must be a file of certificates in PEM format")
    return tls


def home_of(url: str, token: str, tls: Tls) -> Home:
    """Return the home with its secrets registered for redaction."""
    remember_secret(token)
    return Home("home", url, SecretStr(token), tls=tls)
