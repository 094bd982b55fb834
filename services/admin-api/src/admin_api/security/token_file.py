"""The tokens and sessions in DATA_DIR, stored as hashes and shared by all processes that use the folder.

Tokens are 256 random bits, so a single round of SHA-256 is sufficient. Changes are made under a lock and synced to disk
on return. Other processes accept a new token immediately, and reject a revoked one within a second.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

import msgspec
import structlog
from ha_ingestor_core.clock import NS_PER_S, Clock
from ha_ingestor_core.errors import InvalidInputError, TerminalError
from ha_ingestor_core.files.durable_file import make_usable, read_state, write_durably
from ha_ingestor_core.files.file_lock import locked
from msgspec import Struct, structs

from admin_api.security.scopes import Scope

FILE = "admin-api-tokens.json"
COMMAND_LINE_FILE = "command-line-token"
"""Two lines, renewed at every start: the token for commands of the owner of DATA_DIR, and the URL of the Admin API,
since another program may listen at the configured address."""

PREFIX = "hai_"
"""Prefix of all secrets, by which users and secret scanners recognise them."""

MAX_TOKENS = 1_000
LONGEST_NAME = 64
_MAX_SESSIONS = 100  # per token; the least recently used is removed first
_SESSION_NS = 30 * 24 * 3600 * NS_PER_S
_LINK_NS = 10 * 60 * NS_PER_S
_LOOK_AGAIN_S = 1.0
_USE_GRAIN_NS = 60 * NS_PER_S

_log = structlog.get_logger()


class Kind(StrEnum):
    """The kind of a secret."""

    TOKEN = "token"  # noqa: S105
    SESSION = "session"
    LINK = "link"
    COMMAND_LINE = "command-line"
    SETUP = "setup"
    """Of an earlier release; never created, never valid."""


class Token(Struct, frozen=True):
    """A secret, stored as hash: a token, a link, or a session, which ends with its token (`parent`)."""

    id: str
    kind: Kind
    name: str
    scope: Scope
    hash: str
    created_ns: int
    expires_ns: int | None = None
    last_used_ns: int | None = None
    parent: str | None = None

    def is_alive(self, now_ns: int) -> bool:
        """Return whether it has not expired."""
        return self.expires_ns is None or now_ns < self.expires_ns


class CommandLineAccess(Struct, frozen=True):
    """The token and the URL with which commands on this machine call the Admin API of a DATA_DIR."""

    secret: str
    url: str


class _Kept(Struct):
    tokens: list[Token] = []


class TokenFile:
    """Finds tokens, reading the file at most once a second. Changes block on the disk: call them in a thread."""

    def __init__(self, data_dir: Path, clock: Clock) -> None:
        self._path = data_dir / FILE
        self._clock = clock
        self._by_hash: dict[str, Token] = {}
        self._stamp: tuple[int, int, int] | None = None
        self._looked: float | None = None
        self._used: dict[str, int] = {}

    def find(self, text: str) -> Token | None:
        """Return the valid token of a secret; None if there is none."""
        self._look()
        hashed = _hash(text)
        if hashed not in self._by_hash:  # another process may have just created it
            self._looked = None
            self._look()
        token = self._by_hash.get(hashed)
        return token if token is not None and token.is_alive(self._clock.now_ns()) else None

    def is_valid(self, token: Token) -> bool:
        """Return whether a token has been neither revoked nor expired since it was found."""
        self._look()
        now = self._by_hash.get(token.hash)
        return now is not None and now.is_alive(self._clock.now_ns())

    def note_use(self, token: Token) -> None:
        """Record a use; `save_uses` writes it to disk."""
        self._used[token.id] = self._clock.now_ns()

    def tokens(self) -> list[Token]:
        """Return the tokens of users and programs, oldest first; raises TerminalError if the file cannot be read."""
        return [token for token in _read(self._path) if token.kind is Kind.TOKEN]

    def sessions(self) -> list[Token]:
        """Return the sessions that have not expired, oldest first; raises TerminalError if the file cannot be read."""
        now_ns = self._clock.now_ns()
        return [token for token in _read(self._path) if token.kind is Kind.SESSION and token.is_alive(now_ns)]

    def create(self, name: str, scope: Scope, expires_in_ns: int | None = None) -> tuple[str, Token]:
        """Create a token; return its secret, which is not stored, and the token. Raises InvalidInputError."""
        if not (0 < len(name) <= LONGEST_NAME and name.isprintable()):
            expected = f"1 to {LONGEST_NAME} printable characters"
            raise InvalidInputError(f"name must have {expected}", field="name", expected=expected)
        text, token = self._new(Kind.TOKEN, name, scope, expires_in_ns)

        def add(tokens: list[Token]) -> list[Token]:
            if sum(each.kind is Kind.TOKEN for each in tokens) >= MAX_TOKENS:
                raise InvalidInputError(f"The limit of {MAX_TOKENS} tokens is reached. Revoke unused tokens")
            return [*tokens, token]

        self._change(add)
        return text, token

    def open_session(self, using: Token, *, instead_of: Token | None = None) -> tuple[str, Token]:
        """Create a session of a token or a link; return its secret and the session. A link is valid only once.

        `instead_of` is the browser's earlier session, which ends. Raises InvalidInputError if the token is revoked.
        """
        now_ns = self._clock.now_ns()
        is_link = using.kind is Kind.LINK
        lives_ns = _SESSION_NS if is_link or using.expires_ns is None else min(_SESSION_NS, using.expires_ns - now_ns)
        text, session = self._new(Kind.SESSION, using.name, using.scope, lives_ns, None if is_link else using.id)

        def add(tokens: list[Token]) -> list[Token]:
            if not any(each.id == using.id for each in tokens):
                raise InvalidInputError("The link has already been used" if is_link else "The token has been revoked")
            ended = {using.id if is_link else "", instead_of.id if instead_of else ""}
            tokens = [each for each in tokens if each.id not in ended]
            if is_link:
                return [*tokens, session]
            others = [each for each in tokens if each.parent == using.id]
            too_many = {each.id for each in sorted(others, key=_last_seen)[: max(0, len(others) - _MAX_SESSIONS + 1)]}
            return [*(each for each in tokens if each.id not in too_many), session]

        self._change(add)
        return text, session

    def revoke(self, token_id: str, *kinds: Kind) -> Token | None:
        """Revoke a token with its sessions, or a session; return it, or None if no such kind has this id.

        Without kinds: a token or a session.
        """
        found: list[Token] = []

        def remove(tokens: list[Token]) -> list[Token]:
            wanted = kinds or (Kind.TOKEN, Kind.SESSION)
            found.extend(each for each in tokens if each.id == token_id and each.kind in wanted)
            return [each for each in tokens if token_id not in (each.id, each.parent)] if found else tokens

        self._change(remove)
        return found[0] if found else None

    def create_link(self) -> str:
        """Create a sign-in link as admin, valid once and for ten minutes; return its secret."""
        text, link = self._new(Kind.LINK, "sign-in link", Scope.ADMIN, _LINK_NS)
        self._change(lambda tokens: [*tokens, link])
        return text

    def renew_command_line(self, url: str) -> None:
        """Replace the token of the command line in its file, which only the owner of DATA_DIR can read.

        `url` is the URL of the Admin API. Raises TerminalError.
        """
        text, token = self._new(Kind.COMMAND_LINE, "command line", Scope.ADMIN, None)
        self._change(lambda tokens: [*(each for each in tokens if each.kind is not Kind.COMMAND_LINE), token])
        path = self._path.with_name(COMMAND_LINE_FILE)
        try:
            make_usable(path, then="a new one is written")
            write_durably(path, f"{text}\n{url}\n".encode())
        except OSError as err:
            raise TerminalError(f"Cannot write the token of the command line to {path}: {err.strerror}") from err

    def save_uses(self) -> None:
        """Save when tokens were last used, if the saved time is at least a minute older."""
        used, self._used = self._used, {}
        if not used:
            return

        def update(tokens: list[Token]) -> list[Token]:
            return [
                structs.replace(each, last_used_ns=used[each.id])
                if used.get(each.id, 0) > (each.last_used_ns or 0) + _USE_GRAIN_NS
                else each
                for each in tokens
            ]

        self._change(update)

    def _new(
        self, kind: Kind, name: str, scope: Scope, expires_in_ns: int | None, parent: str | None = None
    ) -> tuple[str, Token]:
        text, now_ns = PREFIX + secrets.token_urlsafe(32), self._clock.now_ns()
        expires_ns = None if expires_in_ns is None else now_ns + expires_in_ns
        return text, Token(secrets.token_hex(4), kind, name, scope, _hash(text), now_ns, expires_ns, parent=parent)

    def _change(self, change: Callable[[list[Token]], list[Token]]) -> None:
        try:
            with locked(self._path.with_suffix(".lock")):
                decode = msgspec.json.Decoder(_Kept).decode
                kept = read_state(self._path, decode, then="its tokens are no longer valid; create new ones")
                before = kept.tokens if kept else []
                now_ns = self._clock.now_ns()
                after = [e for e in change(before) if e.kind is Kind.TOKEN or e.is_alive(now_ns)]
                if after != before:
                    write_durably(self._path, msgspec.json.encode(_Kept(after)))
        except OSError as err:
            raise TerminalError(f"Cannot save the tokens to {self._path}: {err.strerror}") from err
        self._looked = None

    def _look(self) -> None:
        """Read the file again if it has changed; while it is unreadable, no token is valid."""
        now = self._clock.monotonic()
        if self._looked is not None and now - self._looked < _LOOK_AGAIN_S:
            return
        self._looked = now
        try:
            status = self._path.stat()
            stamp = (status.st_mtime_ns, status.st_ino, status.st_size)
            if stamp == self._stamp:
                return
            self._stamp = stamp
            self._by_hash = {token.hash: token for token in _read(self._path)}
        except FileNotFoundError:
            self._stamp, self._by_hash = None, {}
        except (OSError, TerminalError) as err:
            _log.error("tokens_unreadable", file=str(self._path), error=str(err), then="no token is valid")
            self._by_hash = {}


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def _last_seen(token: Token) -> int:
    return token.last_used_ns or token.created_ns


def command_line_access(data_dir: Path) -> CommandLineAccess | None:
    """Return the token of the command line and its URL; None if the file is missing or not readable."""
    try:
        secret, url = (data_dir / COMMAND_LINE_FILE).read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return None
    return CommandLineAccess(secret, url)


def _read(path: Path) -> list[Token]:
    try:
        tokens = msgspec.json.decode(path.read_bytes(), type=_Kept).tokens
        return [token for token in tokens if token.kind is not Kind.SETUP]
    except FileNotFoundError:
        return []
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as err:
        raise TerminalError(
            f"{path} is damaged ({err}). The next change moves it aside and starts without tokens"
        ) from err
