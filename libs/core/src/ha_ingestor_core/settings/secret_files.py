"""Secrets in files: `HA_TOKEN_FILE` names the file that holds `HA_TOKEN`, and so for every secret setting."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

SUFFIX = "_FILE"


class SecretFileError(ValueError):
    """A file that holds no secret; `variable` names it."""

    def __init__(self, variable: str, problem: str) -> None:
        super().__init__(problem)
        self.variable = variable


class SecretFiles(PydanticBaseSettingsSource):
    """The source of secret settings whose file the environment names; raises SecretFileError."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Return the secret of a field, its variable, and that it needs no further decoding."""
        variable = str(field.validation_alias)
        return secret_in_file(variable), variable, False

    def __call__(self) -> dict[str, Any]:
        """Return the secrets that files hold, by variable."""
        found = (self.get_field_value(field, name)[:2] for name, field in secret_fields(self.settings_cls))
        return {variable: value for value, variable in found if value is not None}


def secret_fields(settings: type[BaseSettings]) -> Iterator[tuple[str, FieldInfo]]:
    """The fields of a settings class that hold secrets."""
    return ((name, field) for name, field in settings.model_fields.items() if "SecretStr" in str(field.annotation))


def secret_file(variable: str) -> Path | None:
    """The file that the environment names for a secret."""
    path = os.environ.get(variable + SUFFIX)
    return Path(path) if path else None


def secret_in_file(variable: str) -> str | None:
    """The secret in the file that the environment names; None where it names none. Raises SecretFileError."""
    path = secret_file(variable)
    if path is None:
        return None
    if os.environ.get(variable):
        raise SecretFileError(variable + SUFFIX, f"is set, and {variable}, too: set one of them")
    try:
        secret = path.read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeError):
        secret = ""
    if not secret:
        raise SecretFileError(variable + SUFFIX, f"there is no secret to be read in {path}")
    return secret
