"""Models of the endpoints of tokens, sessions and the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import ConfigDict, Field

from admin_api.http.models import Model
from admin_api.security.scopes import Scope
from admin_api.security.token_file import LONGEST_NAME, Kind

_TIME = "2026-11-24T03:12:26.123456+00:00"
_ID = "3f9c01ab"


class _Body(Model):
    """A request body; validation errors do not contain the input, which may be a secret."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class TokenView(Model):
    """A token, without its secret, which is not stored."""

    id: str = Field(examples=[_ID])
    name: str = Field(examples=["prometheus"])
    scope: Scope = Field(description="Each scope includes the ones before it: metrics, read, operate, admin")
    created: datetime = Field(examples=[_TIME])
    expires: datetime | None = Field(description="null: does not expire", examples=[_TIME])
    last_used: datetime | None = Field(description="Accurate to the minute; null: never used", examples=[_TIME])


class TokensAnswer(Model):
    """All tokens, oldest first."""

    tokens: list[TokenView]


class NewTokenBody(_Body):
    """The token to create."""

    name: str = Field(
        description="Purpose of the token",
        min_length=1,
        max_length=LONGEST_NAME,
        examples=["prometheus"],
    )
    scope: Scope = Field(default=Scope.READ)
    expires_in: str | None = Field(
        default=None,
        description="A period such as 90d; if omitted, the token does not expire",
        examples=["90d"],
        json_schema_extra={"pattern": "^[0-9]{1,9}[mhdwy]$"},
    )


class NewTokenAnswer(TokenView):
    """A new token with its secret, which is not shown again."""

    token: str = Field(examples=["hai_…"])


class SessionBody(_Body):
    """The token or sign-in link to sign in with."""

    token: str = Field(min_length=1, max_length=200, examples=["hai_…"])


class SessionAnswer(Model):
    """The caller; `kind` is null for programs of this machine, which can read without a token."""

    name: str = Field(examples=["prometheus"])
    scope: Scope
    kind: Kind | None
    expires: datetime | None = Field(examples=[_TIME])


class SessionView(TokenView):
    """The session of a browser."""

    token_id: str | None = Field(description="Token used to sign in; null: a sign-in link", examples=[_ID])
    is_own: bool = Field(description="true for the session of this request", examples=[False])


class SessionsAnswer(Model):
    """The active sessions, oldest first."""

    sessions: list[SessionView]


class AuditEntry(Model):
    """A change, or an attempt; `status` is the HTTP status of the answer."""

    time: datetime = Field(examples=[_TIME])
    who: str = Field(examples=["token 3f9c01ab (automation)"])
    action: str = Field(examples=["PUT /api/v1/filters"])
    address: str = Field(examples=["192.0.2.7"])
    status: int = Field(examples=[200])
    detail: dict[str, Any] = Field(examples=[{"exclude": {"domains": ["automation"]}}])


class AuditAnswer(Model):
    """Changes, newest first; `next_cursor` is null on the last page."""

    entries: list[AuditEntry]
    next_cursor: str | None = Field(examples=[None])
