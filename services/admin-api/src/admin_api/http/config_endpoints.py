"""`/config`: the effective settings, with secrets masked."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

from fastapi import APIRouter, Depends, Response
from ha_ingestor_core.settings.in_force import SettingInForce, SettingSource
from pydantic import Field

from admin_api.http.errors import ERRORS
from admin_api.http.models import Model
from admin_api.http.parameters import only_known
from admin_api.http.views import JsonAnswer

Configuration = Callable[[], Sequence[SettingInForce]]
"""The settings of this process."""


class Setting(Model):
    """A setting and its environment variable."""

    variable: str = Field(examples=["ADMIN_API_PORT"])
    value: str | None = Field(description="Effective value; secrets are masked; null if not set", examples=["8003"])
    source: SettingSource = Field(examples=[SettingSource.DEFAULT])
    is_secret: bool = Field(examples=[False])
    description: str = Field(examples=["Port of the Admin API (0: any free port)"])
    group: str = Field(
        description="Group of related settings",
        examples=["The Admin API: its address, dashboard and services"],
    )


class ConfigAnswer(Model):
    """The effective settings."""

    settings: list[Setting]


class ConfigEndpoints:
    """The settings of this process."""

    def __init__(self, *, configuration: Configuration) -> None:
        self._configuration = configuration
        self.router = APIRouter(prefix="/api/v1/config", tags=["access"], dependencies=[Depends(only_known)])
        self.router.add_api_route("", self.get_config, response_model=ConfigAnswer, responses=ERRORS)

    async def get_config(self) -> Response:
        """Return every setting with its effective value, source and description. Secrets are masked."""
        return JsonAnswer({"settings": [dataclasses.asdict(setting) for setting in self._configuration()]})
