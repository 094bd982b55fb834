"""Loads the settings of a service, and reports all invalid settings together."""

from __future__ import annotations

import dataclasses
import errno
import os
import re
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from dotenv import dotenv_values
from pydantic import ValidationError

from ha_ingestor_core.errors import InvalidSettingsError
from ha_ingestor_core.redaction import without_secrets
from ha_ingestor_core.settings.group import SettingProblem, SettingsGroup, unreadable_env_file
from ha_ingestor_core.settings.secret_files import SUFFIX, secret_fields

T = TypeVar("T")

_PYDANTIC_SUBJECT = re.compile("^[A-Z][a-z]+ should ")


def load_settings(cls: type[T], **overrides: Any) -> T:
    """Return a dataclass of settings groups, read from the environment; `overrides` replace whole groups by name.

    Raises InvalidSettingsError, whose detail `problems` lists the invalid settings of all groups.
    """
    _check_env_file()
    groups: dict[str, Any] = {}
    problems: list[SettingProblem] = []
    for name, group in settings_groups(cls).items():
        if name in overrides:
            groups[name] = overrides[name]
            continue
        try:
            groups[name] = group()
            problems.extend(groups[name].problems())
        except ValidationError as err:
            problems.extend(problems_of(group, err))
        except InvalidSettingsError as err:  # about a file, which other groups read as well
            problems.extend(problem for problem in err.detail["problems"] if problem not in problems)
    problems.extend(_secret_files_in_env_file(cls))
    if problems:
        raise InvalidSettingsError("\n".join(map(str, problems)), problems=problems)
    return cls(**groups)


def settings_groups(cls: type[Any]) -> dict[str, type[SettingsGroup]]:
    """Return the groups of a settings dataclass by field name, in order."""
    hints = get_type_hints(cls)
    return {field.name: hints[field.name] for field in dataclasses.fields(cls)}


def _check_env_file() -> None:
    """Raise InvalidSettingsError in two cases that dotenv reads without an error.

    A folder, which Docker creates in place of a missing mounted file, counts as no file. UTF-16 without a byte order
    mark is valid UTF-8 with zero bytes.
    """
    path = Path(str(SettingsGroup.model_config["env_file"]))
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if path.is_file() and b"\x00" in path.read_bytes():
            raise unreadable_env_file(UnicodeError())
    except OSError as err:
        raise unreadable_env_file(err) from err


def _secret_files_in_env_file(cls: type[Any]) -> list[SettingProblem]:
    """Return the variables of secret files in `.env`, where they have no effect."""
    env_file = str(SettingsGroup.model_config["env_file"])
    fields = [field for group in settings_groups(cls).values() for _, field in secret_fields(group)]
    names = [f"{field.validation_alias}{SUFFIX}" for field in fields]
    try:
        given = dotenv_values(env_file, encoding="utf-8-sig", interpolate=False)
    except (OSError, UnicodeError):  # reported elsewhere
        return []
    expected = "the secret itself in this file, or the path of the secret file in the environment"
    return [SettingProblem(name, f"has no effect in {env_file}", expected) for name in names if given.get(name)]


def problems_of(group: type[SettingsGroup], err: ValidationError) -> list[SettingProblem]:
    """Return the problems that pydantic found, by environment variable."""
    by_variable = {str(f.validation_alias): f for f in group.model_fields.values()}
    found = []
    for error in err.errors(include_url=False, include_input=False):
        variable = str(error["loc"][0]) if error["loc"] else group.__name__
        field = by_variable.get(variable) or group.model_fields.get(variable)
        message = without_secrets(_in_words(error["msg"]))
        found.append(
            SettingProblem(
                variable=str(field.validation_alias) if field else variable,
                problem=message,
                expected=(field.description or "") if field else "",
            )
        )
    return found


def _in_words(message: str) -> str:
    """Return a message of pydantic in the form of our own: "Input should be a number" as "must be a number"."""
    if message == "Field required":
        return "is not set"
    return _PYDANTIC_SUBJECT.sub("must ", message.removeprefix("Value error, "))
