"""The settings of the Home Assistant to capture."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from ha_ingestor_core.settings.addresses import HomeAssistantAddress
from ha_ingestor_core.settings.group import SettingProblem, SettingsGroup
from ha_ingestor_core.settings.tls import Tls

HOME_PATTERN = r"^[a-z0-9][a-z0-9_-]*$"


def reserved_home(name: str) -> str | None:
    """Return why a home must not have this name; None where it may."""
    return "is reserved for the demo home" if name == "demo" else None


class HomeAssistantSettings(SettingsGroup):
    """The Home Assistant to capture; without an address and a token, a demo home is shown."""

    url: HomeAssistantAddress | None = Field(
        None,
        validation_alias="HA_URL",
        description="Address of Home Assistant, such as http://homeassistant.local:8123",
    )
    token: SecretStr | None = Field(
        None,
        validation_alias="HA_TOKEN",
        validate_default=True,
        description="Long-lived access token, created in Home Assistant under your profile, Security",
    )
    ca_file: Path | None = Field(
        None,
        validation_alias="HA_CA_FILE",
        description="PEM file of a certificate authority to trust for HA_URL, in addition to those of the system; "
        "HA_CA_FILE_<NAME> for an additional home",
    )
    verify_tls: bool = Field(
        True,
        validation_alias="HA_VERIFY_TLS",
        description="Verify the certificate of HA_URL: true or false; HA_VERIFY_TLS_<NAME> for an additional home",
    )
    home: str = Field(
        "home",
        validation_alias="HA_HOME",
        min_length=1,
        max_length=64,
        pattern=HOME_PATTERN,
        description="Name of this home in the store: lower-case letters, digits, _ and -; `demo` is reserved",
    )

    @property
    def tls(self) -> Tls:
        """How the TLS certificate is verified."""
        return Tls(self.ca_file, self.verify_tls)

    def problems(self) -> list[SettingProblem]:
        """Return the problems with the file of certificates."""
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


def tls_problems(tls: Tls, variable: str) -> list[SettingProblem]:
    """Return the problems with the file of certificates."""
    problem = tls.problem()
    return [] if problem is None else [SettingProblem(variable, problem, "a file with certificates in PEM format")]
