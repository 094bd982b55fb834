"""The address and the token of the running Admin API."""

from __future__ import annotations

from urllib.parse import urlsplit

from admin_api.security.hosts import is_loopback_name
from admin_api.security.token_file import CommandLineAccess, command_line_access
from admin_api.settings import Settings as AdminApiSettings
from ha_ingestor_core.http.client import InternalClient
from ha_ingestor_core.settings.loading import load_settings

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


def admin_api_url(settings: AdminApiSettings) -> str:
    """Return the address that the Admin API wrote to DATA_DIR, or that of ADMIN_API_HOST and ADMIN_API_PORT."""
    access = _access(settings)
    return access.url if access else _url_of_settings(settings)


def admin_api_token(settings: AdminApiSettings) -> str | None:
    """Return ADMIN_API_TOKEN, or the command line's token, which is sent only to the address saved with it."""
    if settings.security.token:
        return settings.security.token.get_secret_value()
    access = _access(settings)
    return access.secret if access else None


def admin_api_client() -> InternalClient:
    """Return a client of the Admin API, without compression; raises InvalidSettingsError."""
    settings = load_settings(AdminApiSettings)
    return InternalClient(admin_api_url(settings), admin_api_token(settings), compresses=False)


def _access(settings: AdminApiSettings) -> CommandLineAccess | None:
    """Return the saved access if the Admin API is on this machine and the settings name no other address."""
    access = command_line_access(settings.store.data_dir)
    if access is None or not is_loopback_name(urlsplit(access.url).hostname or ""):
        return None
    is_named = settings.admin_api.port and {"host", "port"} & settings.admin_api.model_fields_set
    return None if is_named and access.url != _url_of_settings(settings) else access


def _url_of_settings(settings: AdminApiSettings) -> str:
    host = _EVERYWHERE.get(settings.admin_api.host, settings.admin_api.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.admin_api.port}"
