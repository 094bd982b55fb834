"""Remarks on valid settings: unknown names, shortened addresses, and disabled certificate verification."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from difflib import get_close_matches

import dotenv.parser
import structlog
from ha_ingestor_core.redaction import without_secrets
from ha_ingestor_core.settings.env_file import env_file
from ha_ingestor_core.settings.homes import FURTHER_VARIABLES, HomesSettings
from ha_ingestor_core.settings.secret_files import SUFFIX
from msgspec import Struct

from ha_ingestor.settings.reference import every_setting

_log = structlog.get_logger()

_NEAR, _NEARER = 0.7, 0.9
"""The similarity of two names: in `.env`, and in the environment, which has names of other programs."""


class Remark(Struct, frozen=True):
    """One remark on a variable."""

    variable: str
    message: str


def settings_remarks() -> list[Remark]:
    """Return all remarks; the settings must be valid."""
    found = every_setting()
    settings = {setting.variable: setting.value for setting in found}
    further = HomesSettings().variables()  # type: ignore[call-arg]  # its fields come from the environment
    known = set(settings) | set(further) | {setting.variable + SUFFIX for setting in found if setting.is_secret}
    in_file, unreadable = _env_file()
    remarks = [
        Remark(env_file().name, f"line {line} is not of the form NAME=value and is ignored") for line in unreadable
    ]
    unknown = [name for name in in_file if name not in known]
    remarks += [_unknown(name, env_file().name, get_close_matches(name, known, 1, _NEAR)) for name in unknown]
    for name in os.environ:
        near = [] if name in known or name in in_file else get_close_matches(name, known, 1, _NEARER)
        if near and not os.environ.get(near[0]):
            remarks.append(_unknown(name, "the environment", near))
    given = {**in_file, **{name: value for name, value in os.environ.items() if value}}
    unverified = [name for name in settings if name.endswith("_VERIFY_TLS") and settings[name] == "False"]
    remarks += [Remark(name, "is false: an attacker in the network can read tokens and data") for name in unverified]
    return [*remarks, *_shortened(given, settings)]


def log_remarks() -> None:
    """Log all remarks."""
    for remark in settings_remarks():
        _log.warning("setting_remark", variable=remark.variable, remark=remark.message)


def _env_file() -> tuple[dict[str, str], list[int]]:
    """Return the values of `.env`, and the numbers of invalid lines."""
    if not env_file().is_file():
        return {}, []
    text = env_file().read_text(encoding="utf-8-sig")
    bindings = list(dotenv.parser.parse_stream(io.StringIO(text)))
    values = {each.key: each.value or "" for each in bindings if each.key is not None and not each.error}
    return values, [each.original.line for each in bindings if each.error]


def _unknown(name: str, where: str, near: list[str]) -> Remark:
    if name.startswith(tuple(f"{variable}_" for variable in FURTHER_VARIABLES)):
        return Remark(name, f"in {where} belongs to a home that HA_HOMES does not name")
    hint = f". Did you mean {near[0]}?" if near else " and is ignored"
    return Remark(name, f"in {where} is not a setting{hint}")


def _shortened(given: dict[str, str], settings: dict[str, str | None]) -> Iterator[Remark]:
    for name, value in given.items():
        used = settings.get(name)
        if used is None or "://" not in value or not used.startswith("http"):
            continue
        if without_secrets(value.strip().rstrip("/")).lower() != used.lower():
            yield Remark(name, f"{without_secrets(value.strip())} is used as {used}")
