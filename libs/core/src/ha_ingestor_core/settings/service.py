"""Settings of all services: logging, tokens, and the watchdog."""

from __future__ import annotations

import socket
from enum import StrEnum
from typing import Annotated

from pydantic import Field, SecretStr

from ha_ingestor_core.settings.group import SettingsGroup, zero_or_from


class LogFormat(StrEnum):
    """The format of log lines."""

    AUTO = "auto"
    CONSOLE = "console"
    JSON = "json"


class LogLevel(StrEnum):
    """The minimum level of log lines."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


class LogSettings(SettingsGroup):
    """Logging."""

    level: LogLevel = Field(
        LogLevel.INFO,
        validation_alias="LOG_LEVEL",
        description="Minimum level of log lines: DEBUG, INFO, WARNING or ERROR",
    )
    format: LogFormat = Field(
        LogFormat.AUTO,
        validation_alias="LOG_FORMAT",
        description="console: readable text; json: for log processors; auto: console on a terminal, else json",
    )


class ServiceSettings(SettingsGroup):
    """Common to all services."""

    instance: str = Field(
        default_factory=socket.gethostname,
        validation_alias="INSTANCE",
        min_length=1,
        description="Name of this instance in service_metrics; the host name when unset",
    )
    internal_token: SecretStr | None = Field(
        None,
        validation_alias="INTERNAL_TOKEN",
        min_length=16,
        description="Secret for requests between the services; required when they run separately",
    )
    metrics_token: SecretStr | None = Field(
        None,
        validation_alias="METRICS_TOKEN",
        min_length=16,
        description="Token with which Prometheus reads /metrics of every service; it is valid for nothing else. For "
        "the Admin API, `ha-ingestor tokens create prometheus --scope metrics` creates more of them",
    )
    hang_limit_s: Annotated[float, zero_or_from(10)] = Field(
        0.0,
        validation_alias="HANG_LIMIT_S",
        ge=0,
        le=86_400,
        description="Seconds after which a process that has stopped responding exits, so that Docker or systemd "
        "restarts it; 10 to 86400, 0: never",
    )
