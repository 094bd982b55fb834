"""Additional homes: HA_HOMES lists their names, and each has its own variables."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from msgspec import Struct
from pydantic import Field, SecretStr, ValidationError, create_model

from ha_ingestor_core.errors import InvalidSettingsError
from ha_ingestor_core.settings.addresses import HomeAssistantAddress
from ha_ingestor_core.settings.group import SettingProblem, SettingsGroup
from ha_ingestor_core.settings.home_assistant import HOME_PATTERN, reserved_home, tls_problems
from ha_ingestor_core.settings.loading import problems_of
from ha_ingestor_core.settings.tls import USUAL_TLS, Tls

FURTHER_VARIABLES = ("HA_URL", "HA_TOKEN", "HA_CA_FILE", "HA_VERIFY_TLS")


class FurtherHome(Struct, frozen=True):
    """The name and the Home Assistant of an additional home."""

    name: str
    url: str
    token: SecretStr
    url_variable: str
    token_variable: str
    tls: Tls = USUAL_TLS


class HomesSettings(SettingsGroup):
    """Additional homes."""

    names: str = Field(
        "",
        validation_alias="HA_HOMES",
        description="Names of additional homes, separated by commas; each requires HA_URL_<NAME> and HA_TOKEN_<NAME>, "
        "in capitals and with _ for -, such as HA_URL_CABIN for cabin",
    )

    def variables(self) -> list[str]:
        """Return the variables of the homes."""
        return [f"{variable}_{suffix_of(name)}" for name in self.named() for variable in FURTHER_VARIABLES]

    def homes(self) -> list[FurtherHome]:
        """Return the homes; raises InvalidSettingsError, which lists all their problems."""
        homes, problems = self._read()
        if problems:
            raise InvalidSettingsError("\n".join(map(str, problems)), problems=problems)
        return homes

    def problems(self) -> list[SettingProblem]:
        """Return the problems of the homes and their variables."""
        return self._read()[1]

    def named(self) -> list[str]:
        """Return the names, valid or not."""
        return [name for part in self.names.split(",") if (name := part.strip())]

    def _read(self) -> tuple[list[FurtherHome], list[SettingProblem]]:
        homes: list[FurtherHome] = []
        problems: list[SettingProblem] = []
        seen: set[str] = set()
        for name in self.named():
            suffix = suffix_of(name)
            if problem := _problem_with(name, is_known=suffix in seen):
                problems.append(SettingProblem("HA_HOMES", f"{name} {problem}", "names such as cabin,lake-house"))
                continue
            seen.add(suffix)
            group = _group(name, suffix)
            try:
                found = group()
            except ValidationError as err:
                problems += problems_of(group, err)
            else:
                values = found.model_dump()
                tls = Tls(values["ca_file"], values["verify_tls"])
                problems += tls_problems(tls, f"HA_CA_FILE_{suffix}")
                homes.append(
                    FurtherHome(name, values["url"], values["token"], f"HA_URL_{suffix}", f"HA_TOKEN_{suffix}", tls)
                )
        return homes, problems


def suffix_of(name: str) -> str:
    """Return the suffix of the variables of an additional home."""
    return name.upper().replace("-", "_")


def _problem_with(name: str, *, is_known: bool) -> str | None:
    if not re.fullmatch(HOME_PATTERN, name) or len(name) > 64:
        return "is not a valid name: use lower-case letters, digits, _ and -"
    if reason := reserved_home(name):
        return reason
    return "has the same variables as another home" if is_known else None


def _group(name: str, suffix: str) -> type[SettingsGroup]:
    """Return the settings class of an additional home; its address and token are required."""
    url = Field(validation_alias=f"HA_URL_{suffix}", description=f"the address of the Home Assistant of {name}")
    token = Field(validation_alias=f"HA_TOKEN_{suffix}", description=f"a long-lived access token for {name}")
    ca_file = Field(None, validation_alias=f"HA_CA_FILE_{suffix}", description=f"a PEM file for {name}")
    verify = Field(True, validation_alias=f"HA_VERIFY_TLS_{suffix}", description="true or false")
    fields: Any = {
        "url": (HomeAssistantAddress, url),
        "token": (SecretStr, token),
        "ca_file": (Path | None, ca_file),
        "verify_tls": (bool, verify),
    }
    return create_model(f"Home{suffix}", __base__=SettingsGroup, **fields)
