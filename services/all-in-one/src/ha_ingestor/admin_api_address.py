"""How the commands reach the Admin API that runs: where it listens, and with which token."""

from __future__ import annotations

from admin_api.security.hosts import is_loopback_name
from admin_api.security.token_file import command_line_secret
from admin_api.settings import Settings as AdminApiSettings
from ha_ingestor_core.internal_http import InternalClient
from ha_ingestor_core.settings import load_settings

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


def admin_api_url(settings: AdminApiSettings) -> str:
    """Its address, by ADMIN_API_HOST and ADMIN_API_PORT."""
    host = _EVERYWHERE.get(settings.admin_api.host, settings.admin_api.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.admin_api.port}"


def admin_api_token(settings: AdminApiSettings) -> str | None:
    """Return ADMIN_API_TOKEN, else the command line's secret in DATA_DIR, which goes to this machine alone."""
    if settings.security.token:
        return settings.security.token.get_secret_value()
    host = settings.admin_api.host
    return command_line_secret(settings.store.data_dir) if is_loopback_name(_EVERYWHERE.get(host, host)) else None


def admin_api_client() -> InternalClient:
    """A client of it; raises InvalidSettingsError. It reads no compressed body."""
    settings = load_settings(AdminApiSettings)
    return InternalClient(admin_api_url(settings), admin_api_token(settings), compresses=False)
