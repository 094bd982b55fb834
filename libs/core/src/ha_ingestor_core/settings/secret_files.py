"""Secrets in files: `HA_TOKEN_FILE` is the path of the file with `HA_TOKEN`, likewise for every secret setting."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

SUFFIX = "_FILE"


class SecretFileError(ValueError):
    """A secret file that cannot be used; `variable` is the variable with its path."""

    def __init__(self, variable: str, problem: str) -> None:
        super().__init__(problem)
        self.variable = variable


class SecretFiles(PydanticBaseSettingsSource):
    """The source of settings whose values are in files; raises SecretFileError."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Return the secret of a field, its variable, and False: it needs no decoding."""
        variable = str(field.validation_alias)
        return secret_in_file(variable), variable, False

    def __call__(self) -> dict[str, Any]:
        """Return the secrets in files by variable."""
        found = (self.get_field_value(field, name)[:2] for name, field in secret_fields(self.settings_cls))
        return {variable: value for value, variable in found if value is not None}


def secret_fields(settings: type[BaseSettings]) -> Iterator[tuple[str, FieldInfo]]:
    """Return the secret fields of a settings class."""
    return ((name, field) for name, field in settings.model_fields.items() if "SecretStr" in str(field.annotation))


def secret_file(variable: str) -> Path | None:
    """Return the path of the file with a secret; None where the environment has none."""
    path = os.environ.get(variable + SUFFIX)
    return Path(path) if path else None


def secret_in_file(variable: str) -> str | None:
    """Return the secret in its file; None where the environment has no path. Raises SecretFileError."""
    path = secret_file(variable)
    if path is None:
        return None
    if os.environ.get(variable):
        raise SecretFileError(variable + SUFFIX, f"must not be set together with {variable}")
    try:
        secret = path.read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeError):
        secret = ""
    if not secret:
        raise SecretFileError(variable + SUFFIX, f"{path} is empty or cannot be read")
    return secret
