"""The settings in force with their sources, secrets masked."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from pydantic import SecretStr

from ha_ingestor_core.redaction import without_secrets
from ha_ingestor_core.settings.group import SettingsGroup
from ha_ingestor_core.settings.loading import settings_groups
from ha_ingestor_core.settings.secret_files import secret_file

MASK = "********"


class SettingSource(StrEnum):
    """The source of a setting's value."""

    DEFAULT = "default"
    ENVIRONMENT = "environment"
    ENV_FILE = ".env"
    FILE = "file"
    """The file at the path in <variable>_FILE of the environment."""


@dataclasses.dataclass(frozen=True, slots=True)
class SettingInForce:
    """One setting; the value of a secret is masked, null where it is not set."""

    variable: str
    value: str | None
    source: SettingSource
    is_secret: bool
    description: str
    group: str


def settings_in_force(settings: Iterable[Any]) -> list[SettingInForce]:
    """Return the settings of loaded dataclasses of groups, each variable once, in order."""
    in_file = dotenv_values(Path(".env"), encoding="utf-8-sig", interpolate=False)
    shown: dict[str, SettingInForce] = {}
    for each in settings:
        for name in settings_groups(type(each)):
            group: SettingsGroup = getattr(each, name)
            for field_name, field in type(group).model_fields.items():
                variable, value = str(field.validation_alias), getattr(group, field_name)
                is_secret = "SecretStr" in str(field.annotation)
                shown[variable] = SettingInForce(
                    variable,
                    _shown(value),
                    _source(variable, in_file),
                    is_secret,
                    field.description or "",
                    title_of(type(group)),
                )
    return list(shown.values())


def title_of(group: type[SettingsGroup]) -> str:
    """Return the title of a group: the first clause of its docstring, without the link to a document."""
    first = (group.__doc__ or "").partition("\n")[0]
    return re.split(r";|\. |\.$| \(docs/", first)[0]


def _source(variable: str, in_file: Mapping[str, str | None]) -> SettingSource:
    if secret_file(variable):
        return SettingSource.FILE
    if os.environ.get(variable):
        return SettingSource.ENVIRONMENT
    return SettingSource.ENV_FILE if in_file.get(variable) else SettingSource.DEFAULT


def _shown(value: object) -> str | None:
    if isinstance(value, SecretStr):
        return MASK
    return None if value is None else without_secrets(str(value))
