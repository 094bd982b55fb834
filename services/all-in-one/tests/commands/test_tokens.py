"""`ha-ingestor tokens`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from admin_api.security.token_file import TokenFile
from ha_ingestor import cli
from ha_ingestor_core.clock import SystemClock
from typer.testing import CliRunner, Result


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, ["tokens", *arguments])


def test_a_token_is_printed_alone_on_standard_output(tmp_path: Path) -> None:
    result = invoke("create", "prometheus")
    token = TokenFile(tmp_path, SystemClock()).find(result.stdout.strip())
    assert token is not None
    assert (token.name, token.scope, token.expires_ns) == ("prometheus", "read", None)


def test_a_token_with_a_scope_and_an_end_is_listed_so() -> None:
    invoke("create", "me", "--scope", "admin", "--expires", "90d")
    (row,) = [line for line in invoke("list").output.splitlines() if "me" in line.split()]
    assert "admin" in row
    assert "never" not in row


def test_a_token_that_is_revoked_is_gone_and_written_down(tmp_path: Path) -> None:
    secret = invoke("create", "me").stdout.strip()
    tokens = TokenFile(tmp_path, SystemClock())
    token = tokens.find(secret)
    assert token is not None
    assert invoke("revoke", token.id).exit_code == 0
    assert TokenFile(tmp_path, SystemClock()).find(secret) is None
    assert invoke("list").output.strip() == "No tokens."
    audit = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [entry["action"] for entry in audit] == ["tokens create", "tokens revoke"]


def test_a_link_is_printed_and_written_down(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli.app, ["link"])
    link = result.stdout.splitlines()[0]
    assert link.startswith("http://127.0.0.1:8003/#sign-in=")
    token = TokenFile(tmp_path, SystemClock()).find(link.partition("=")[2])
    assert token is not None
    assert (token.kind, token.scope) == ("link", "admin")
    audit = (tmp_path / "audit.jsonl").read_text(encoding="utf-8")
    assert json.loads(audit)["action"] == "link"
    assert link.partition("=")[2] not in audit


def test_sessions_are_listed_and_revoked_beside_tokens(tmp_path: Path) -> None:
    assert invoke("sessions").output.strip() == "No sessions."
    file = TokenFile(tmp_path, SystemClock())
    token = file.find(invoke("create", "phone", "--scope", "operate").stdout.strip())
    assert token is not None
    secret, session = file.open_session(token)
    (row,) = [line for line in invoke("sessions").output.splitlines() if session.id in line]
    assert "phone" in row
    assert token.id in row
    assert "Session" in invoke("revoke", session.id).output
    assert TokenFile(tmp_path, SystemClock()).find(secret) is None
    assert invoke("sessions").output.strip() == "No sessions."


@pytest.mark.parametrize(
    "arguments", [("revoke", "nobody"), ("create", ""), ("create", "x" * 65), ("create", "me", "--expires", "soon")]
)
def test_what_is_wrong_is_said(arguments: tuple[str, ...]) -> None:
    result = invoke(*arguments)
    assert result.exit_code == (1 if arguments[0] == "revoke" else 2)
    assert "Traceback" not in result.output
    assert result.output.strip()
