"""The settings of the access control."""

from __future__ import annotations

from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network

from ha_ingestor_core.settings.group import SettingsGroup
from pydantic import Field, SecretStr, field_validator

from admin_api.security.hosts import is_frame_ancestor, is_host_pattern


class TokenPolicy(StrEnum):
    """Whether requests from this machine require a token."""

    AUTO = "auto"
    REQUIRED = "required"


class SecuritySettings(SettingsGroup):
    """Access to the Admin API (docs/security.md)."""

    token_policy: TokenPolicy = Field(
        TokenPolicy.AUTO,
        validation_alias="ADMIN_API_TOKENS",
        description="auto: this machine needs no token to read while ADMIN_API_HOST is a loopback address; "
        "required: all requests need a token, for a proxy on this machine that sets no X-Forwarded-For",
    )
    loopback_read: bool = Field(
        True,
        validation_alias="ADMIN_API_LOOPBACK_READ",
        description="true: programs of this machine can read without a token; false: they also need one to read",
    )
    allowed_hosts: str = Field(
        "",
        validation_alias="ADMIN_API_ALLOWED_HOSTS",
        description="Accepted host names, separated by commas, also as *.example.org; addresses, localhost and names "
        "of local networks are always accepted",
    )
    trusted_proxies: str = Field(
        "",
        validation_alias="ADMIN_API_TRUSTED_PROXIES",
        description="Addresses or networks of trusted proxies (X-Forwarded-For), separated by commas: 172.16.0.0/12",
    )
    rate_limit: float = Field(
        50.0,
        validation_alias="ADMIN_API_RATE_LIMIT",
        ge=0,
        le=1_000_000,
        description="Requests per second of a client, with bursts of four times as many; 0: unlimited. "
        "This machine is not limited while it needs no token",
    )
    frame_ancestors: str = Field(
        "",
        validation_alias="ADMIN_API_FRAME_ANCESTORS",
        description="Origins that may embed the dashboard in a frame, separated by spaces, such as "
        "http://homeassistant.local:8123; none when unset",
    )
    token: SecretStr | None = Field(
        None,
        validation_alias="ADMIN_API_TOKEN",
        description="Token of the commands for the Admin API, if it requires one: ha-ingestor tokens create",
    )

    @field_validator("allowed_hosts")
    @classmethod
    def _are_hosts(cls, value: str) -> str:
        for entry in _split(value):
            if not is_host_pattern(entry):
                raise ValueError(f"must be names such as ha.example.org or *.example.org, got {entry!r}")
        return value

    @field_validator("frame_ancestors")
    @classmethod
    def _are_origins(cls, value: str) -> str:
        for entry in value.split():
            if not is_frame_ancestor(entry):
                raise ValueError(f"must be origins such as https://ha.example.org, got {entry!r}")
        return " ".join(value.split())

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, value: str) -> str:
        for entry in _split(value):
            try:
                ip_network(entry, strict=False)
            except ValueError as err:
                raise ValueError(f"must be addresses or networks such as 172.16.0.0/12, got {entry!r}") from err
        return value

    @property
    def hosts(self) -> frozenset[str]:
        """The allowed names, in lower case."""
        return frozenset(entry.lower() for entry in _split(self.allowed_hosts))

    @property
    def proxies(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The trusted proxies as networks."""
        return tuple(ip_network(entry, strict=False) for entry in _split(self.trusted_proxies))


def _split(text: str) -> list[str]:
    return [entry for entry in map(str.strip, text.split(",")) if entry]
