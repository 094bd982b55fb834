"""Links are printed on a terminal and opened on a desktop, and appear in no process list and no log."""

from __future__ import annotations

import socket
import threading
import webbrowser
from pathlib import Path

import pytest
from admin_api.security.token_file import TokenFile
from ha_ingestor import sign_in
from ha_ingestor_core.clock import SystemClock

URL = "http://127.0.0.1:8003"


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was opened in a browser."""
    for variable in ("DISPLAY", "WAYLAND_DISPLAY", "SSH_CONNECTION", "BROWSER"):
        monkeypatch.delenv(variable, raising=False)
    addresses: list[str] = []
    monkeypatch.setattr(webbrowser, "open", addresses.append)
    return addresses


def finish(before: list[threading.Thread]) -> None:
    for thread in threading.enumerate():
        if thread not in before:
            thread.join(5)


def test_on_a_terminal_a_link_is_printed(tmp_path: Path, opened: list[str]) -> None:
    hint = sign_in.sign_in_hint(URL, tmp_path, is_terminal=True)
    token = TokenFile(tmp_path, SystemClock()).find(hint.partition("#sign-in=")[2])
    assert token is not None
    assert opened == []


def test_a_link_that_cannot_be_kept_does_not_end_the_start(tmp_path: Path, opened: list[str]) -> None:
    (tmp_path / "file").touch()
    hint = sign_in.sign_in_hint(URL, tmp_path / "file", is_terminal=True)
    assert hint.startswith("No sign-in link could be created: ")
    assert "#sign-in=" not in hint


def test_without_a_terminal_there_is_no_secret(tmp_path: Path, opened: list[str]) -> None:
    hint = sign_in.sign_in_hint(URL, tmp_path, is_terminal=False)
    assert "ha-ingestor link" in hint
    assert "hai_" not in hint
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("file", "variable", "command"),
    [
        (".dockerenv", "HOME", "docker exec {host}"),
        ("run/.containerenv", "HOME", "podman exec {host}"),
        ("run/.containerenv", "KUBERNETES_SERVICE_HOST", "kubectl exec {host} --"),
    ],
)
def test_the_command_that_prints_a_link_is_the_one_for_this_container(
    file: str, variable: str, command: str, tmp_path: Path
) -> None:
    assert sign_in.container_command(tmp_path, {}) is None
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).touch()
    expected = command.format(host=socket.gethostname())
    assert sign_in.container_command(tmp_path, {variable: "10.0.0.1"}) == expected


@pytest.mark.skipif("sys.platform == 'darwin'", reason="a Mac is always a desktop")
def test_a_desktop_is_shown_the_page_by_a_file_of_its_own(
    tmp_path: Path, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    before = threading.enumerate()
    hint = sign_in.sign_in_hint(URL, tmp_path, is_terminal=True)
    finish(before)
    (address,) = opened
    assert address.startswith("file://")
    page = Path(address.removeprefix("file://"))
    assert hint.partition(": ")[2] in page.read_text(encoding="utf-8")
    assert page.stat().st_mode & 0o777 == 0o600
    monkeypatch.setenv("SSH_CONNECTION", "1 2 3 4")
    assert not sign_in.has_desktop()
