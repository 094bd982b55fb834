"""The tokens in DATA_DIR."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from admin_api.security.scopes import Scope
from admin_api.security.token_file import COMMAND_LINE_FILE, FILE, Kind, TokenFile, command_line_access
from ha_ingestor_core.clock import NS_PER_S, FakeClock
from ha_ingestor_core.errors import InvalidInputError, TerminalError

DAY_NS = 24 * 3600 * NS_PER_S


def test_a_token_is_256_bits_and_only_its_hash_is_kept(tokens: TokenFile, tmp_path: Path) -> None:
    secret, token = tokens.create("a", Scope.READ)
    assert len(secret.removeprefix("hai_")) == 43
    assert tokens.find(secret) == token
    kept = (tmp_path / FILE).read_text(encoding="utf-8")
    assert secret not in kept
    assert secret.removeprefix("hai_") not in kept
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


def test_it_survives_a_restart(tokens: TokenFile, tmp_path: Path, clock: FakeClock) -> None:
    secret, token = tokens.create("a", Scope.OPERATE)
    assert TokenFile(tmp_path, clock).find(secret) == token


def test_what_is_not_a_token_finds_none(tokens: TokenFile) -> None:
    tokens.create("a", Scope.READ)
    for text in ("", "hai_", "hai_" + "A" * 43, "\ud800", "x" * 100_000):
        assert tokens.find(text) is None


def test_it_expires(tokens: TokenFile, clock: FakeClock) -> None:
    secret, token = tokens.create("a", Scope.READ, DAY_NS)
    clock.advance(24 * 3600 - 1)
    assert tokens.is_valid(token)
    clock.advance(1)
    assert tokens.find(secret) is None
    assert not tokens.is_valid(token)
    assert tokens.tokens() == [token]  # it is still listed, as expired


def test_a_revocation_counts_in_another_process_within_a_second(
    tokens: TokenFile, tmp_path: Path, clock: FakeClock
) -> None:
    secret, token = tokens.create("a", Scope.READ)
    other = TokenFile(tmp_path, clock)
    assert other.find(secret) == token
    assert tokens.revoke(token.id) == token
    assert tokens.find(secret) is None
    clock.advance(1)
    assert other.find(secret) is None
    assert not other.is_valid(token)


def test_a_new_token_counts_in_another_process_at_once(tokens: TokenFile, tmp_path: Path, clock: FakeClock) -> None:
    other = TokenFile(tmp_path, clock)
    assert other.find("hai_" + "A" * 43) is None  # the file was already read in this second
    secret, token = tokens.create("a", Scope.READ)
    assert other.find(secret) == token
    assert other.find(tokens.create_link()) is not None


def test_revoking_an_unknown_id_returns_none(tokens: TokenFile) -> None:
    assert tokens.revoke("nobody") is None


def test_processes_that_make_tokens_at_once_lose_none(tmp_path: Path, clock: FakeClock) -> None:
    files = [TokenFile(tmp_path, clock) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda file: [file.create("a", Scope.READ)[0] for _ in range(5)], files))
    fresh = TokenFile(tmp_path, clock)
    assert all(fresh.find(secret) for secrets in made for secret in secrets)
    assert len(fresh.tokens()) == 40


def test_a_session_may_what_its_token_may_and_ends_with_it(tokens: TokenFile, clock: FakeClock) -> None:
    _, token = tokens.create("a", Scope.OPERATE, DAY_NS)
    secret, session = tokens.open_session(token)
    assert (session.kind, session.scope, session.expires_ns) == (Kind.SESSION, Scope.OPERATE, token.expires_ns)
    assert tokens.tokens() == [token]
    tokens.revoke(token.id)
    assert tokens.find(secret) is None


def test_a_session_lives_30_days_at_most(tokens: TokenFile, clock: FakeClock) -> None:
    secret, _ = tokens.open_session(tokens.create("a", Scope.READ)[1])
    clock.advance(30 * 24 * 3600 - 1)
    assert tokens.find(secret)
    clock.advance(1)
    assert tokens.find(secret) is None


def test_a_session_that_ends_leaves_its_token(tokens: TokenFile) -> None:
    token_secret, token = tokens.create("a", Scope.READ)
    secret, session = tokens.open_session(token)
    tokens.revoke(session.id)
    assert tokens.find(secret) is None
    assert tokens.find(token_secret) == token


def test_of_too_many_sessions_the_one_longest_away_goes(tokens: TokenFile, clock: FakeClock) -> None:
    _, token = tokens.create("a", Scope.READ)
    first, _ = tokens.open_session(token)
    second, used = tokens.open_session(token)
    third, _ = tokens.open_session(token)
    for _ in range(97):
        tokens.open_session(token)
    clock.advance(120)
    tokens.note_use(used)
    tokens.save_uses()
    assert tokens.find(first)
    tokens.open_session(token)
    tokens.open_session(token)
    assert tokens.find(first) is None
    assert tokens.find(second)
    assert tokens.find(third) is None


def test_no_session_of_a_token_that_is_gone(tokens: TokenFile) -> None:
    _, token = tokens.create("a", Scope.READ)
    tokens.revoke(token.id)
    with pytest.raises(InvalidInputError, match="revoked"):
        tokens.open_session(token)


def test_last_use_is_written_down_to_the_minute(tokens: TokenFile, tmp_path: Path, clock: FakeClock) -> None:
    _, token = tokens.create("a", Scope.READ)
    tokens.note_use(token)
    tokens.save_uses()
    written = (tmp_path / FILE).stat().st_mtime_ns
    (seen,) = tokens.tokens()
    assert seen.last_used_ns == clock.now_ns()
    clock.advance(59)
    tokens.note_use(token)
    tokens.save_uses()
    assert (tmp_path / FILE).stat().st_mtime_ns == written


def test_a_link_opens_one_session(tokens: TokenFile) -> None:
    secret = tokens.create_link()
    link = tokens.find(secret)
    assert link is not None
    assert (link.kind, link.scope) == (Kind.LINK, Scope.ADMIN)
    session, _ = tokens.open_session(link)
    assert tokens.find(session)
    assert tokens.find(secret) is None
    with pytest.raises(InvalidInputError, match="already been used"):
        tokens.open_session(link)


def test_a_link_is_valid_for_ten_minutes(tokens: TokenFile, clock: FakeClock) -> None:
    secret = tokens.create_link()
    clock.advance(599)
    assert tokens.find(secret)
    clock.advance(1)
    assert tokens.find(secret) is None


def test_the_command_line_has_one_secret_that_each_start_replaces(tokens: TokenFile, tmp_path: Path) -> None:
    assert command_line_access(tmp_path) is None
    tokens.renew_command_line("http://127.0.0.1:8003")
    first = command_line_access(tmp_path)
    tokens.renew_command_line("http://127.0.0.1:8004")
    second = command_line_access(tmp_path)
    assert first is not None
    assert second is not None
    assert (first.url, second.url) == ("http://127.0.0.1:8003", "http://127.0.0.1:8004")
    assert tokens.find(first.secret) is None
    found = tokens.find(second.secret)
    assert found is not None
    assert (found.kind, found.scope) == (Kind.COMMAND_LINE, Scope.ADMIN)
    assert (tmp_path / COMMAND_LINE_FILE).stat().st_mode & 0o777 == 0o600
    assert tokens.tokens() == []


def test_a_set_up_token_of_an_earlier_release_is_not_valid(tokens: TokenFile, tmp_path: Path, clock: FakeClock) -> None:
    secret, _ = tokens.create("a", Scope.ADMIN)
    text = (tmp_path / FILE).read_text(encoding="utf-8")
    (tmp_path / FILE).write_text(text.replace('"kind":"token"', '"kind":"setup"'), encoding="utf-8")
    assert TokenFile(tmp_path, clock).find(secret) is None
    assert tokens.create("b", Scope.READ)


def test_a_session_is_listed_until_it_ends(tokens: TokenFile, clock: FakeClock) -> None:
    _, token = tokens.create("a", Scope.READ, DAY_NS)
    _, session = tokens.open_session(token)
    assert [(each.id, each.parent, each.expires_ns) for each in tokens.sessions()] == [
        (session.id, token.id, token.expires_ns)
    ]
    clock.advance(24 * 3600)
    assert tokens.sessions() == []


def test_a_new_session_of_the_same_browser_replaces_the_old_one(tokens: TokenFile) -> None:
    _, token = tokens.create("a", Scope.READ)
    _, first = tokens.open_session(token)
    link = tokens.find(tokens.create_link())
    assert link is not None
    _, second = tokens.open_session(link, instead_of=first)
    assert [each.id for each in tokens.sessions()] == [second.id]


def test_only_what_was_named_is_revoked(tokens: TokenFile) -> None:
    _, token = tokens.create("a", Scope.READ)
    _, session = tokens.open_session(token)
    assert tokens.revoke(session.id, Kind.TOKEN) is None
    assert tokens.revoke(token.id, Kind.SESSION) is None
    assert len(tokens.sessions()) == len(tokens.tokens()) == 1
    tokens.revoke(token.id)
    assert tokens.sessions() == tokens.tokens() == []


def test_with_a_damaged_file_no_token_is_valid(tokens: TokenFile, tmp_path: Path, clock: FakeClock) -> None:
    secret, _ = tokens.create("a", Scope.READ)
    assert tokens.find(secret)
    (tmp_path / FILE).write_bytes(b'{"tokens": [{"id"')
    clock.advance(1)
    assert tokens.find(secret) is None
    with pytest.raises(TerminalError, match=FILE):
        tokens.tokens()
    fresh, _ = tokens.create("b", Scope.READ)
    assert tokens.find(secret) is None
    assert tokens.find(fresh)
    assert (tmp_path / f"{FILE}.damaged").read_bytes() == b'{"tokens": [{"id"'


@pytest.mark.parametrize("name", ["", "x" * 65, "a\nb", "\x00"])
def test_a_name_is_printable_and_short(tokens: TokenFile, name: str) -> None:
    with pytest.raises(InvalidInputError, match="name must have"):
        tokens.create(name, Scope.READ)
