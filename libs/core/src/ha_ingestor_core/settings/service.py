"""Settings that all services have in common: logging, and the tokens between the services."""

from __future__ import annotations

import socket
from enum import StrEnum
from typing import Annotated

from pydantic import Field, SecretStr

from ha_ingestor_core.settings.group import SettingsGroup, zero_or_from


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
