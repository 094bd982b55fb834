"""The file `.env`: read while a service runs, and edited one variable at a time."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Mapping
from pathlib import Path

import dotenv.parser
from dotenv import dotenv_values
from pydantic import SecretStr

from ha_ingestor_core.errors import InvalidInputError
from ha_ingestor_core.files.durable_file import write_durably
from ha_ingestor_core.redaction import remember_secret
from ha_ingestor_core.settings.group import SettingsGroup
from ha_ingestor_core.settings.secret_files import secret_file, secret_in_file

_PLAIN = re.compile(r"[\w.~+/=:@%,-]+", re.ASCII)


def env_file() -> Path:
    """Return the path of `.env`."""
    return Path(str(SettingsGroup.model_config["env_file"]))


def env_file_can_be_written() -> bool:
    """Return whether this user can replace the file. In a container it cannot be replaced: settings are variables."""
    return os.access(env_file().resolve().parent, os.W_OK)


class CurrentToken:
    """The present token of a setting: from the environment, else from its file or `.env`, which may change."""

    def __init__(self, configured: SecretStr, variable: str | None) -> None:
        self._token = configured.get_secret_value()
        self._variable = variable
        self._seen: tuple[int, ...] | None = None

    def read(self) -> str:
        """Return the token. The file is read only after a change; without a token in it, the last one stays in use."""
        if self._variable is None or os.environ.get(self._variable):
            return self._token
        try:
            stat = (secret_file(self._variable) or env_file()).stat()
            seen = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            if seen != self._seen:
                self._token = self._in_file(self._variable) or self._token
                self._seen = seen
                remember_secret(self._token)
        except (OSError, ValueError):  # the file is being replaced: the next call reads it
            pass
        return self._token

    def _in_file(self, variable: str) -> str:
        if secret_file(variable):
            return secret_in_file(variable) or ""
        return (dotenv_values(env_file(), encoding="utf-8-sig", interpolate=False).get(variable) or "").strip()


def set_in_env_file(path: Path, values: Mapping[str, str]) -> None:
    """Set variables in the file, which is replaced as a whole and readable only by its owner.

    All other lines are unchanged. Raises OSError, and InvalidInputError for a value that needs quotes and for a file
    that is not UTF-8.
    """
    for variable, value in values.items():
        if not _PLAIN.fullmatch(value):
            raise InvalidInputError(f"{variable} must consist of ASCII letters, digits and . ~ + / = : @ % , _ -")
    path = path.resolve()
    try:
        before = path.stat() if path.exists() else None
        text = path.read_bytes().decode("utf-8-sig") if before else ""
    except UnicodeDecodeError as err:
        raise InvalidInputError(f"{path} is not UTF-8. Save it as UTF-8 first") from err
    for variable, value in values.items():
        text = _with_variable(text, variable, value)
    write_durably(path, text.encode())
    if before and before.st_uid != os.geteuid():  # root edits the file of the service's user
        os.chown(path, before.st_uid, before.st_gid)


def _with_variable(text: str, variable: str, value: str) -> str:
    line, pieces, is_set = f"{variable}={value}\n", [], False
    for binding in dotenv.parser.parse_stream(io.StringIO(text)):
        if binding.key != variable:
            pieces.append(binding.original.string)
        elif not is_set:
            original = binding.original.string
            pieces.append(original[: len(original) - len(original.lstrip())] + line)
            is_set = True
    text = "".join(pieces)
    if not is_set:
        text += ("" if text.endswith("\n") or not text else "\n") + line
    return text
