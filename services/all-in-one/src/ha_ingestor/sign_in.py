"""One-time sign-in links for admins: created in DATA_DIR, printed on a terminal, opened on a desktop."""

from __future__ import annotations

import os
import socket
import sys
import threading
import webbrowser
from collections.abc import Mapping
from html import escape
from pathlib import Path

from admin_api.security.token_file import TokenFile
from ha_ingestor_core.clock import SystemClock
from ha_ingestor_core.errors import TerminalError
from ha_ingestor_core.files.durable_file import write_durably

PAGE = "sign-in.html"
_REDIRECT = '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0; url={link}"><title>…</title>\n'


def make_link(url: str, data_dir: Path) -> str:
    """Return a sign-in link below `url`, valid once and for ten minutes; raises TerminalError.

    The secret is in the fragment, which browsers do not send to servers and proxies do not log.
    """
    return f"{url}/#sign-in={TokenFile(data_dir, SystemClock()).create_link()}"


def sign_in_hint(url: str, data_dir: Path, *, is_terminal: bool) -> str:
    """Return the sign-in message of a start: a link on a terminal, no secret if the output may be logged."""
    if not is_terminal:
        command = container_command(Path("/"), os.environ)
        if command:
            return f"To sign in to the dashboard, run `{command} ha-ingestor link`."
        return "To sign in to the dashboard, run `ha-ingestor link`."
    try:
        link = make_link(url, data_dir)
    except TerminalError as err:  # a full disk must not prevent capture
        return f"No sign-in link could be created: {err.message}. Run `ha-ingestor link` after solving the problem."
    if has_desktop():
        open_in_browser(link, data_dir)
    return f"Sign in with this link (valid once, for ten minutes; `ha-ingestor link` prints another): {link}"


def container_command(root: Path, environment: Mapping[str, str]) -> str | None:
    """Return the command that runs another command in this container, None outside of containers."""
    if "KUBERNETES_SERVICE_HOST" in environment:
        return f"kubectl exec {socket.gethostname()} --"
    for file, engine in ((".dockerenv", "docker"), ("run/.containerenv", "podman")):
        if (root / file).exists():
            return f"{engine} exec {socket.gethostname()}"  # the id of the container by default
    return None


def has_desktop() -> bool:
    """Return whether a browser can be opened on the desktop of the user."""
    if "SSH_CONNECTION" in os.environ or os.environ.get("BROWSER") == "none":
        return False
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def open_in_browser(link: str, data_dir: Path) -> None:
    """Open a link through a page that only this user can read, so that its secret is not in the process list."""
    page = data_dir / PAGE
    try:
        write_durably(page, _REDIRECT.format(link=escape(link)).encode())
    except OSError:
        return  # the link is printed as well
    threading.Thread(target=webbrowser.open, args=(page.resolve().as_uri(),), daemon=True).start()
