"""Checks access without a token: behind a reverse proxy on this machine, all requests may look local."""

from __future__ import annotations

from pathlib import Path

from admin_api.security.hosts import is_loopback_name
from admin_api.security.settings import TokenPolicy
from admin_api.settings import Settings as AdminApiSettings
from ha_ingestor_store.checkup import Finding, good, note

NAME = "access"
PROXIES = frozenset(
    {"nginx", "caddy", "traefik", "haproxy", "apache2", "httpd", "envoy", "lighttpd", "cloudflared", "frpc", "ngrok"}
)
"""Process names of reverse proxies and tunnels."""

_ADVICE = (
    "if it forwards to the Admin API, set X-Forwarded-For in it (nginx: proxy_set_header X-Forwarded-For "
    "$remote_addr) and set ADMIN_API_LOOPBACK_READ=false: without the header its requests count as local"
)


def check_access(settings: AdminApiSettings, processes: Path = Path("/proc")) -> Finding:
    """Return which requests require a token, with a note if a proxy on this machine may make requests look local."""
    security, host = settings.security, settings.admin_api.host
    if not is_loopback_name(host):
        return good(NAME, f"all requests require a token, since ADMIN_API_HOST is {host}")
    if security.token_policy is TokenPolicy.REQUIRED or not security.loopback_read:
        return good(NAME, "all requests require a token")
    found = running_proxies(processes)
    if found:
        return note(
            NAME, f"local requests can read without a token, and {', '.join(found)} runs on this machine", _ADVICE
        )
    return good(NAME, "local requests can read without a token; changes and all other requests require one")


def running_proxies(processes: Path) -> list[str]:
    """Return the running proxies on Linux, each once; empty if processes cannot be listed."""
    names = set()
    for file in processes.glob("[0-9]*/comm"):
        try:
            names.add(file.read_text(encoding="utf-8", errors="replace").strip())
        except OSError:
            continue  # the process has ended
    return sorted(names & PROXIES)
