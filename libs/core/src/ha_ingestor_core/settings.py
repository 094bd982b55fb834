"""Settings from the environment and `.env`: named groups, and one report of everything that is wrong."""

from __future__ import annotations

import dataclasses
import errno
import os
import re
import socket
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_type_hints

from dotenv import dotenv_values
from pydantic import AfterValidator, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from ha_ingestor_core.addresses import HomeAssistantAddress
from ha_ingestor_core.errors import InvalidSettingsError
from ha_ingestor_core.redaction import remember_credentials, remember_secret, without_secrets
from ha_ingestor_core.secret_files import SUFFIX, SecretFileError, SecretFiles, secret_fields
from ha_ingestor_core.tls import Tls

T = TypeVar("T")

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class SettingsGroup(BaseSettings):
    """Settings that belong together; every field names its environment variable by `validation_alias`.

    An empty variable counts as unset, so a line of `.env` can stay as it is.
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
            problem = SettingProblem(err.variable, str(err), "a file that holds the secret and nothing else")
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
        """Return the sources of settings: the environment, the files that it names, then `.env`."""
        return init_settings, env_settings, SecretFiles(settings_cls), dotenv_settings

    @field_validator("*", mode="before")
    @classmethod
    def _is_stripped(cls, value: Any, info: ValidationInfo) -> Any:
        """Without white space around it: files of secrets end with a newline. White space alone counts as unset."""
        if not isinstance(value, str) or (stripped := value.strip()) == value:
            return value
        default = cls.model_fields[str(info.field_name)].get_default(call_default_factory=True, validated_data={})
        return stripped if stripped or default is PydanticUndefined else default

    @field_validator("*", mode="after")
    @classmethod
    def _is_a_secret_of_one_line(cls, value: Any, info: ValidationInfo) -> Any:
        """A token becomes a header: with a line end or another control character in it nothing could be sent."""
        is_header = str(cls.model_fields[str(info.field_name)].validation_alias).endswith(("TOKEN", "KEY"))
        if is_header and isinstance(value, SecretStr) and _CONTROL.search(value.get_secret_value()):
            raise ValueError("contains a line end or another control character")
        return value

    def model_post_init(self, context: Any, /) -> None:
        """Let every text hide the secrets of these settings from now on."""
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
        """What is wrong beyond the fields themselves."""
        return []


def zero_or_from(least: float) -> AfterValidator:
    """Accept 0, which turns something off, or a number of at least `least`: an interval that does no harm."""

    def check(value: float) -> float:
        if 0 < value < least:
            raise ValueError(f"should be 0, or {least:g} or more")
        return value

    return AfterValidator(check)


class LogFormat(StrEnum):
    """How log lines look."""

    AUTO = "auto"
    CONSOLE = "console"
    JSON = "json"


class LogLevel(StrEnum):
    """The least important line that is written."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


class LogSettings(SettingsGroup):
    """Logging."""

    level: LogLevel = Field(
        LogLevel.INFO,
        validation_alias="LOG_LEVEL",
        description="Least important log line written: DEBUG, INFO, WARNING or ERROR",
    )
    format: LogFormat = Field(
        LogFormat.AUTO,
        validation_alias="LOG_FORMAT",
        description="console for people, json for machines, auto: console on a terminal",
    )


HOME_PATTERN = r"^[a-z0-9][a-z0-9_-]*$"


def reserved_home(name: str) -> str | None:
    """Why no home may be called so; None where one may."""
    return "is the name of the demo home; choose another" if name == "demo" else None


class HomeAssistantSettings(SettingsGroup):
    """The Home Assistant to capture; without an address and a token a demo home is shown."""

    url: HomeAssistantAddress | None = Field(
        None,
        validation_alias="HA_URL",
        description="Address of Home Assistant, such as http://homeassistant.local:8123",
    )
    token: SecretStr | None = Field(
        None,
        validation_alias="HA_TOKEN",
        validate_default=True,
        description="Long-lived access token: Home Assistant, your profile, Security, at the bottom",
    )
    ca_file: Path | None = Field(
        None,
        validation_alias="HA_CA_FILE",
        description="PEM file of a certificate authority to trust for HA_URL, beside the system's; HA_CA_FILE_<NAME> "
        "for a further home",
    )
    verify_tls: bool = Field(
        True,
        validation_alias="HA_VERIFY_TLS",
        description="Verify the certificate of HA_URL: true or false; HA_VERIFY_TLS_<NAME> for a further home",
    )
    home: str = Field(
        "home",
        validation_alias="HA_HOME",
        min_length=1,
        max_length=64,
        pattern=HOME_PATTERN,
        description="Name of this home in the store (lower-case letters, digits, _ and -); `demo` is the demo home's",
    )

    @property
    def tls(self) -> Tls:
        """How the certificate is verified."""
        return Tls(self.ca_file, self.verify_tls)

    def problems(self) -> list[SettingProblem]:
        """What is wrong beyond the fields themselves."""
        return tls_problems(self.tls, "HA_CA_FILE")

    @field_validator("token")
    @classmethod
    def _comes_with_an_address(cls, token: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if "url" in info.data and (token is None) != (info.data["url"] is None):
            raise ValueError("is not set, but HA_URL is" if token is None else "is set, but HA_URL is not")
        return token

    @field_validator("home")
    @classmethod
    def _is_not_the_demo_home(cls, home: str) -> str:
        if reason := reserved_home(home):
            raise ValueError(f"{home} {reason}")
        return home


class ServiceSettings(SettingsGroup):
    """What all services have in common."""

    instance: str = Field(
        default_factory=socket.gethostname,
        validation_alias="INSTANCE",
        min_length=1,
        description="Name of this instance in service_metrics; the host's name when unset",
    )
    internal_token: SecretStr | None = Field(
        None,
        validation_alias="INTERNAL_TOKEN",
        min_length=16,
        description="Secret that the services show each other over HTTP; needed when they run apart",
    )
    metrics_token: SecretStr | None = Field(
        None,
        validation_alias="METRICS_TOKEN",
        min_length=16,
        description="Token with which Prometheus reads /metrics of every service, and that is valid for nothing else; "
        "ha-ingestor tokens create --scope metrics makes others, for the Admin API",
    )
    hang_limit_s: Annotated[float, zero_or_from(10)] = Field(
        0.0,
        validation_alias="HANG_LIMIT_S",
        ge=0,
        le=86_400,
        description="Seconds after which a process that hangs ends, to be started again by Docker or systemd; "
        "10 to 86400, 0: never",
    )


@dataclasses.dataclass(frozen=True, slots=True)
class SettingProblem:
    """One wrong setting: its environment variable, what is wrong, and what was expected."""

    variable: str
    problem: str
    expected: str

    def __str__(self) -> str:
        return f"{self.variable}: {self.problem}. Expected: {self.expected}"


def tls_problems(tls: Tls, variable: str) -> list[SettingProblem]:
    """What is wrong with the file of an authority."""
    problem = tls.problem()
    return [] if problem is None else [SettingProblem(variable, problem, "a file of certificates in PEM form")]


def load_settings(cls: type[T], **overrides: Any) -> T:
    """Build a dataclass of settings groups from the environment; `overrides` replace whole groups by name.

    Raises InvalidSettingsError whose detail `problems` lists every wrong setting of every group.
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
        except InvalidSettingsError as err:  # a file, of which every other group may say the same
            problems.extend(problem for problem in err.detail["problems"] if problem not in problems)
    problems.extend(_secret_files_in_env_file(cls))
    if problems:
        raise InvalidSettingsError("\n".join(map(str, problems)), problems=problems)
    return cls(**groups)


def settings_groups(cls: type[Any]) -> dict[str, type[SettingsGroup]]:
    """The groups of a settings dataclass, by field name, in their order."""
    hints = get_type_hints(cls)
    return {field.name: hints[field.name] for field in dataclasses.fields(cls)}


def unreadable_env_file(err: OSError | UnicodeError) -> InvalidSettingsError:
    """The error of a `.env` that cannot be read."""
    is_text = isinstance(err, UnicodeError)
    problem = SettingProblem(
        str(SettingsGroup.model_config["env_file"]),
        "is not UTF-8 (is it UTF-16 or Latin-1?)" if is_text else f"cannot be read: {err.strerror}",  # type: ignore[union-attr]
        "a text file in UTF-8: save it again with this encoding" if is_text else "a file that this user may read",
    )
    return InvalidSettingsError(str(problem), problems=[problem])


def _check_env_file() -> None:
    """Raise for what is read without an error: a folder, as Docker makes one where a mounted file is missing, counts
    as no file, and a decoder of UTF-8 takes the letters of UTF-16 without a mark, with zeros between them.
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
    """Files of secrets that `.env` names, where nobody looks for them."""
    env_file = str(SettingsGroup.model_config["env_file"])
    fields = [field for group in settings_groups(cls).values() for _, field in secret_fields(group)]
    names = [f"{field.validation_alias}{SUFFIX}" for field in fields]
    try:
        given = dotenv_values(env_file, encoding="utf-8-sig", interpolate=False)
    except (OSError, UnicodeError):  # a problem of its own
        return []
    expected = "the secret itself there, or the name of its file in the environment"
    return [SettingProblem(name, f"is not read from {env_file}", expected) for name in names if given.get(name)]


def problems_of(group: type[SettingsGroup], err: ValidationError) -> list[SettingProblem]:
    """What pydantic found wrong, by environment variable."""
    by_variable = {str(f.validation_alias): f for f in group.model_fields.values()}
    found = []
    for error in err.errors(include_url=False, include_input=False):
        variable = str(error["loc"][0]) if error["loc"] else group.__name__
        field = by_variable.get(variable) or group.model_fields.get(variable)
        message = without_secrets(error["msg"].removeprefix("Value error, "))
        found.append(
            SettingProblem(
                variable=str(field.validation_alias) if field else variable,
                problem=message,
                expected=(field.description or "") if field else "",
            )
        )
    return found
