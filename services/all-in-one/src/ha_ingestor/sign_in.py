"""Links that sign a browser in once as admin: made in DATA_DIR, printed on a terminal, opened on a desktop."""

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
    """Return a link below `url` that signs one browser in within ten minutes; raises TerminalError.

    The secret is in the fragment, which no browser sends to a server and no proxy logs.
    """
    return f"{url}/#sign-in={TokenFile(data_dir, SystemClock()).create_link()}"


def sign_in_hint(url: str, data_dir: Path, *, is_terminal: bool) -> str:
    """Return what a start prints about signing in: a link on a terminal; no secret where a log may keep it."""
    if not is_terminal:
        command = container_command(Path("/"), os.environ)
        if command:
            return f"To sign in to the dashboard, use the link that `{command} ha-ingestor link` prints."
        return "To change settings in the dashboard, sign in by the link that `ha-ingestor link` prints."
    try:
        link = make_link(url, data_dir)
    except TerminalError as err:  # a full disk is no reason to capture nothing
        return f"No sign-in link was made: {err.message}. `ha-ingestor link` prints one when that works again."
    if has_desktop():
        open_in_browser(link, data_dir)
    return f"Sign in within ten minutes, once (`ha-ingestor link` prints another link): {link}"


def container_command(root: Path, environment: Mapping[str, str]) -> str | None:
    """Return the command that runs another one in this container from outside, None where this is no container."""
    if "KUBERNETES_SERVICE_HOST" in environment:
        return f"kubectl exec {socket.gethostname()} --"
    for file, engine in ((".dockerenv", "docker"), ("run/.containerenv", "podman")):
        if (root / file).exists():
            return f"{engine} exec {socket.gethostname()}"  # the id of the container, unless it was given a name
    return None


def has_desktop() -> bool:
    """Return whether a browser that is opened here appears before the person who started us."""
    if "SSH_CONNECTION" in os.environ or os.environ.get("BROWSER") == "none":
        return False
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def open_in_browser(link: str, data_dir: Path) -> None:
    """Open a link without naming its secret in a process list: by a page that only this user can read."""
    page = data_dir / PAGE
    try:
        write_durably(page, _REDIRECT.format(link=escape(link)).encode())
    except OSError:
        return  # the link is printed all the same
    threading.Thread(target=webbrowser.open, args=(page.resolve().as_uri(),), daemon=True).start()
