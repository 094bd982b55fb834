"""The address of the Admin API, and the address to which the secret of DATA_DIR is sent."""

from __future__ import annotations

from pathlib import Path

import pytest
from admin_api.security.token_file import COMMAND_LINE_FILE
from admin_api.settings import Settings
from ha_ingestor.api_client.address import admin_api_token, admin_api_url
from ha_ingestor_core.settings.loading import load_settings


def found(data_dir: Path, left: str | None, monkeypatch: pytest.MonkeyPatch, **named: str) -> tuple[str, str | None]:
    """The address and token, where an Admin API left its secret with the address `left`."""
    monkeypatch.setenv("DATA_DIR", str(data_dir))
    for name, value in named.items():
        monkeypatch.setenv(name, value)
    if left is not None:
        (data_dir / COMMAND_LINE_FILE).write_text(f"hai_secret\n{left}\n", encoding="ascii")
    settings = load_settings(Settings)
    return admin_api_url(settings), admin_api_token(settings)


@pytest.mark.parametrize(
    ("left", "named", "expected"),
    [
        (None, {}, ("http://127.0.0.1:8003", None)),
        ("http://127.0.0.1:8003", {}, ("http://127.0.0.1:8003", "hai_secret")),
        ("http://127.0.0.1:41234", {}, ("http://127.0.0.1:41234", "hai_secret")),
        ("http://127.0.0.1:41234", {"ADMIN_API_PORT": "0"}, ("http://127.0.0.1:41234", "hai_secret")),
        ("http://127.0.0.1:8003", {"ADMIN_API_PORT": "9000"}, ("http://127.0.0.1:9000", None)),
        ("http://127.0.0.1:8003", {"ADMIN_API_HOST": "0.0.0.0"}, ("http://127.0.0.1:8003", "hai_secret")),
        ("http://192.0.2.1:8003", {}, ("http://127.0.0.1:8003", None)),
        ("http://192.0.2.1:8003", {"ADMIN_API_TOKEN": "mine"}, ("http://127.0.0.1:8003", "mine")),
        ("", {}, ("http://127.0.0.1:8003", None)),
    ],
)
def test_the_secret_goes_to_the_address_that_it_was_left_with(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    left: str | None,
    named: dict[str, str],
    expected: tuple[str, str | None],
) -> None:
    assert found(tmp_path, left, monkeypatch, **named) == expected
