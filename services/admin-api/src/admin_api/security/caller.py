"""Who asks, as far as the guard found out: kept with the request, for the endpoints and the audit log."""

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
    """Somebody at an address: with a token, or as a program of this machine, which may read, or as a stranger."""

    address: str
    is_local: bool = False
    token: Token | None = None

    @property
    def scope(self) -> Scope | None:
        """What the caller may do; None: only what anybody may."""
        if self.token is not None:
            return self.token.scope
        return Scope.READ if self.is_local else None

    @property
    def origin(self) -> str:
        """By whom places are counted: the token, with all of its sessions, else the address."""
        return self.address if self.token is None else self.token.parent or self.token.id

    @property
    def name(self) -> str:
        """The caller for people: the name of its token."""
        return "this machine" if self.token is None else self.token.name

    @property
    def who(self) -> str:
        """The caller in the audit log."""
        if self.token is not None:
            return f"{self.token.kind} {self.token.id} ({self.token.name})"
        return "this machine" if self.is_local else "nobody known"


def remember(scope: AsgiScope, caller: Caller) -> None:
    """Keep the caller with the request."""
    scope.setdefault("state", {})[_CALLER] = caller


def caller_of(request: HTTPConnection) -> Caller:
    """The caller that the guard found."""
    return caller_in(request.scope)


def caller_in(scope: AsgiScope) -> Caller:
    """Likewise, of a request that is not wrapped."""
    caller: Caller = scope["state"][_CALLER]
    return caller


def address_in(scope: AsgiScope) -> str:
    """Return the caller's address; the other end of the connection where no guard stands before the application."""
    caller: Caller | None = scope.get("state", {}).get(_CALLER)
    return caller.address if caller is not None else (scope.get("client") or ("",))[0]


def note(request: HTTPConnection, **detail: Any) -> None:
    """Say what a change is, beyond its path, for the audit log; never a secret."""
    request.scope["state"].setdefault(_NOTES, {}).update(detail)


def notes_of(scope: AsgiScope) -> dict[str, Any]:
    """What endpoints have noted."""
    notes: dict[str, Any] = scope.get("state", {}).get(_NOTES, {})
    return notes


CLIENT_HEADER = "X-Client-Id"
_CLIENT = CLIENT_HEADER.lower().encode()


def client_of(scope: AsgiScope) -> str:
    """Return the client by whom the rollout decides: the id that it gives itself, else its address.

    Behind a trusted proxy that is the address of the client before it, as for the limits.
    """
    return header_of(scope, _CLIENT) or address_in(scope)


def header_of(scope: AsgiScope, name: bytes) -> str:
    headers: Iterable[tuple[bytes, bytes]] = scope["headers"]
    return next((value.decode("latin-1") for each, value in headers if each == name), "")
