"""The check of access without a token."""

from __future__ import annotations

from pathlib import Path

import pytest
from admin_api.settings import Settings
from ha_ingestor.checkups.access import check_access
from ha_ingestor_core.settings.loading import load_settings
from ha_ingestor_store.checkup import Status


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def a_process(processes: Path, number: int, name: str) -> None:
    (processes / str(number)).mkdir()
    (processes / str(number) / "comm").write_text(f"{name}\n", encoding="utf-8")


def test_a_proxy_on_this_machine_is_a_note(tmp_path: Path) -> None:
    a_process(tmp_path, 1, "systemd")
    assert check_access(load_settings(Settings), tmp_path).status is Status.GOOD
    a_process(tmp_path, 7, "nginx")
    a_process(tmp_path, 8, "nginx")
    found = check_access(load_settings(Settings), tmp_path)
    assert (found.status, found.message.count("nginx")) == (Status.NOTE, 1)
    assert "ADMIN_API_LOOPBACK_READ=false" in (found.advice or "")
    assert "X-Forwarded-For" in (found.advice or "")


@pytest.mark.parametrize(
    ("variable", "value"),
    [("ADMIN_API_LOOPBACK_READ", "false"), ("ADMIN_API_TOKENS", "required"), ("ADMIN_API_HOST", "0.0.0.0")],
)
def test_where_everybody_needs_a_token_a_proxy_does_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    a_process(tmp_path, 7, "caddy")
    monkeypatch.setenv(variable, value)
    found = check_access(load_settings(Settings), tmp_path)
    assert found.status is Status.GOOD
    assert "all requests require a token" in found.message
