"""Base class of the settings groups, read from the environment, from files of secrets and from `.env`."""

from __future__ import annotations

import dataclasses
import os
import re
from typing import Any

from pydantic import AfterValidator, SecretStr, ValidationInfo, field_validator
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from ha_ingestor_core.errors import InvalidSettingsError
from ha_ingestor_core.redaction import remember_credentials, remember_secret
from ha_ingestor_core.settings.secret_files import SecretFileError, SecretFiles

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class SettingsGroup(BaseSettings):
    """A group of settings; the `validation_alias` of a field is its environment variable.

    An empty variable counts as unset.
    """

    model_config = SettingsConfigDict(
        env_file=os.environ.get("HA_INGESTOR_ENV_FILE", ".env"),
        env_file_encoding="utf-8-sig",  # Windows editors begin a file with a byte order mark
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
        case_sensitive=True,
        hide_input_in_errors=True,
        allow_inf_nan=False,
    )

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except SecretFileError as err:
            problem = SettingProblem(err.variable, str(err), "a file that contains only the secret")
            raise InvalidSettingsError(str(problem), problems=[problem]) from err
        except (OSError, UnicodeError) as err:
            raise unreadable_env_file(err) from err

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return the sources in order of precedence: the environment, the files of secrets, then `.env`."""
        return init_settings, env_settings, SecretFiles(settings_cls), dotenv_settings

    @field_validator("*", mode="before")
    @classmethod
    def _is_stripped(cls, value: Any, info: ValidationInfo) -> Any:
        """Strip white space: files of secrets end with a newline. A value of white space alone counts as unset."""
        if not isinstance(value, str) or (stripped := value.strip()) == value:
            return value
        default = cls.model_fields[str(info.field_name)].get_default(call_default_factory=True, validated_data={})
        return stripped if stripped or default is PydanticUndefined else default

    @field_validator("*", mode="after")
    @classmethod
    def _is_a_secret_of_one_line(cls, value: Any, info: ValidationInfo) -> Any:
        """Refuse control characters in tokens, which are sent in HTTP headers."""
        is_header = str(cls.model_fields[str(info.field_name)].validation_alias).endswith(("TOKEN", "KEY"))
        if is_header and isinstance(value, SecretStr) and _CONTROL.search(value.get_secret_value()):
            raise ValueError("must not contain line breaks or other control characters")
        return value

    def model_post_init(self, context: Any, /) -> None:
        """Register the secrets for redaction in logs and error messages."""
        for name in type(self).model_fields:
            value = getattr(self, name, None)
            if isinstance(value, SecretStr):
                secret = value.get_secret_value()
                remember_secret(secret)
                remember_secret(secret.partition(":")[2])  # InfluxDB 1.x: user:password
                remember_credentials(secret)
            elif isinstance(value, str):
                remember_credentials(value)

    def problems(self) -> list[SettingProblem]:
        """Return the problems that no single field shows."""
        return []


def zero_or_from(least: float) -> AfterValidator:
    """Return a validator that accepts 0 (off) or a number of at least `least`."""

    def check(value: float) -> float:
        if 0 < value < least:
            raise ValueError(f"must be 0, or at least {least:g}")
        return value

    return AfterValidator(check)


@dataclasses.dataclass(frozen=True, slots=True)
class SettingProblem:
    """An invalid setting: its environment variable, the problem, and the expected value."""

    variable: str
    problem: str
    expected: str

    def __str__(self) -> str:
        return f"{self.variable}: {self.problem}. Expected: {self.expected}"


def unreadable_env_file(err: OSError | UnicodeError) -> InvalidSettingsError:
    """The error of a `.env` that cannot be read."""
    is_text = isinstance(err, UnicodeError)
    problem = SettingProblem(
        str(SettingsGroup.model_config["env_file"]),
        "is not UTF-8 (is it UTF-16 or Latin-1?)" if is_text else f"cannot be read: {err.strerror}",  # type: ignore[union-attr]
        "a text file in UTF-8; save it in this encoding" if is_text else "a file that this user can read",
    )
    return InvalidSettingsError(str(problem), problems=[problem])
