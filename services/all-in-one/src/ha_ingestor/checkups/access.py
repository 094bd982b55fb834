"""Checks who reaches the Admin API without a token: a reverse proxy on this machine may make everybody look local."""

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
"""Programs by whose name in the process list a reverse proxy or a tunnel is recognised."""

_ADVICE = (
    "if it forwards to the Admin API, it should set X-Forwarded-For (nginx: proxy_set_header X-Forwarded-For "
    "$remote_addr), and ADMIN_API_LOOPBACK_READ=false is safer: without the header its visitors count as this machine"
)


def check_access(settings: AdminApiSettings, processes: Path = Path("/proc")) -> Finding:
    """Return who needs a token, and a note where a proxy on this machine may pass others off as this machine."""
    security, host = settings.security, settings.admin_api.host
    if not is_loopback_name(host):
        return good(NAME, f"every request needs a token, since ADMIN_API_HOST is {host}")
    if security.token_policy is TokenPolicy.REQUIRED or not security.loopback_read:
        return good(NAME, "every request needs a token")
    found = running_proxies(processes)
    if found:
        return note(NAME, f"this machine reads without a token, and {', '.join(found)} runs here", _ADVICE)
    return good(NAME, "this machine reads without a token; changes need one, and so does everybody else")


def running_proxies(processes: Path) -> list[str]:
    """Return the proxies among the processes of a Linux machine, each once; nothing where they cannot be listed."""
    names = set()
    for file in processes.glob("[0-9]*/comm"):
        try:
            names.add(file.read_text(encoding="utf-8", errors="replace").strip())
        except OSError:
            continue  # it has ended
    return sorted(names & PROXIES)
