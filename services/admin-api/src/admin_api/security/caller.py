"""The caller of a request, as determined by the guard; kept in the request for endpoints and the audit log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from starlette.requests import HTTPConnection
from starlette.types import Scope as AsgiScope

from admin_api.security.scopes import Scope
from admin_api.security.token_file import Token

_CALLER = "caller"
_NOTES = "audit_notes"


@dataclass(frozen=True, slots=True)
class Caller:
    """A client at an address: with a token, local without a token (may read), or unauthenticated."""

    address: str
    is_local: bool = False
    token: Token | None = None

    @property
    def scope(self) -> Scope | None:
        """The scope of the caller; None: unauthenticated."""
        if self.token is not None:
            return self.token.scope
        return Scope.READ if self.is_local else None

    @property
    def origin(self) -> str:
        """The key of limits per caller: the token with all of its sessions, otherwise the address."""
        return self.address if self.token is None else self.token.parent or self.token.id

    @property
    def name(self) -> str:
        """The name of the token, or "this machine"."""
        return "this machine" if self.token is None else self.token.name

    @property
    def who(self) -> str:
        """The caller in the audit log."""
        if self.token is not None:
            return f"{self.token.kind} {self.token.id} ({self.token.name})"
        return "this machine" if self.is_local else "unknown"


def remember(scope: AsgiScope, caller: Caller) -> None:
    """Store the caller in the request."""
    scope.setdefault("state", {})[_CALLER] = caller


def caller_of(request: HTTPConnection) -> Caller:
    """Return the caller of a request."""
    return caller_in(request.scope)


def caller_in(scope: AsgiScope) -> Caller:
    """Return the caller of an ASGI scope."""
    caller: Caller = scope["state"][_CALLER]
    return caller


def address_in(scope: AsgiScope) -> str:
    """Return the address of the caller; without a guard, that of the peer."""
    caller: Caller | None = scope.get("state", {}).get(_CALLER)
    return caller.address if caller is not None else (scope.get("client") or ("",))[0]


def note(request: HTTPConnection, **detail: Any) -> None:
    """Add details of a change to its entry in the audit log; never a secret."""
    request.scope["state"].setdefault(_NOTES, {}).update(detail)


def notes_of(scope: AsgiScope) -> dict[str, Any]:
    """Return the details added by `note`."""
    notes: dict[str, Any] = scope.get("state", {}).get(_NOTES, {})
    return notes


CLIENT_HEADER = "X-Client-Id"
_CLIENT = CLIENT_HEADER.lower().encode()


def client_of(scope: AsgiScope) -> str:
    """Return the key of a client in the rollout: its X-Client-Id, otherwise its address.

    Behind a trusted proxy this is the address of the client, as for the rate limit.
    """
    return header_of(scope, _CLIENT) or address_in(scope)


def header_of(scope: AsgiScope, name: bytes) -> str:
    headers: Iterable[tuple[bytes, bytes]] = scope["headers"]
    return next((value.decode("latin-1") for each, value in headers if each == name), "")
