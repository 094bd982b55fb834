"""The settings of the guard."""

from __future__ import annotations

from pathlib import Path

import pytest
from admin_api.security.settings import SecuritySettings
from pydantic import ValidationError


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def test_lists_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADMIN_API_ALLOWED_HOSTS", "HA.example.org, *.b.example,")
    monkeypatch.setenv("ADMIN_API_TRUSTED_PROXIES", "10.0.0.1, 172.16.0.0/12, ::1")
    settings = SecuritySettings()  # type: ignore[call-arg]
    assert settings.hosts == {"ha.example.org", "*.b.example"}
    assert [str(network) for network in settings.proxies] == ["10.0.0.1/32", "172.16.0.0/12", "::1/128"]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ADMIN_API_ALLOWED_HOSTS", "*"),
        ("ADMIN_API_ALLOWED_HOSTS", "http://ha"),
        ("ADMIN_API_TRUSTED_PROXIES", "nginx"),
        ("ADMIN_API_RATE_LIMIT", "-1"),
        ("ADMIN_API_TOKENS", "never"),
        ("ADMIN_API_FRAME_ANCESTORS", "https://ha.example.org; script-src *"),
    ],
)
def test_wrong_ones_are_refused(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ValidationError, match=variable):
        SecuritySettings()  # type: ignore[call-arg]
