"""`ha-ingestor tokens` and `link`: tokens, sessions and sign-in links of the Admin API, directly in DATA_DIR."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable
from typing import Annotated, TypeVar

import typer
from admin_api.peers.names import SERVICE
from admin_api.security.audit import AuditLog
from admin_api.security.scopes import Scope
from admin_api.security.token_file import Token, TokenFile
from admin_api.settings import Settings as AdminApiSettings
from ha_ingestor_core.clock import SystemClock, ns_to_datetime, ns_to_rfc3339
from ha_ingestor_core.errors import NotFoundError
from ha_ingestor_core.settings.loading import load_settings
from ha_ingestor_store.settings import StoreSettings
from ha_ingestor_store.time_range import parse_period
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from ha_ingestor.api_client.address import admin_api_url
from ha_ingestor.console.output import err, is_json, show
from ha_ingestor.console.quiet_logging import log_warnings_only
from ha_ingestor.data_formats import check_data
from ha_ingestor.sign_in import make_link

T = TypeVar("T")

app = typer.Typer(no_args_is_help=True, help="Manage tokens and sessions of the Admin API.")


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Purpose, such as prometheus or the name of a person")],
    scope: Annotated[Scope, typer.Option(help="Permissions; each scope includes the previous ones")] = Scope.READ,
    expires: Annotated[
        str | None, typer.Option(metavar="PERIOD", help="Lifetime, such as 90d; default: unlimited")
    ] = None,
) -> None:
    """Create a token and print it. It cannot be shown again, since only its hash is stored."""

    def make(tokens: TokenFile) -> tuple[str, str]:
        lives_ns = parse_period(expires, field="--expires") if expires else None
        secret, token = tokens.create(name, scope, lives_ns)
        _audit("tokens create", id=token.id, name=name, scope=scope)
        return secret, token.id

    secret, token_id = _with_tokens(make)
    if not is_json():
        err.print(f"Token {token_id} for {escape(name)}, scope {scope}. It will not be shown again:")
    show({"id": token_id, "name": name, "scope": scope, "token": secret}, secret)


@app.command("list")
def list_() -> None:
    """List tokens with scope, expiry and last use."""
    tokens = _with_tokens(lambda file: file.tokens())
    table = Table("ID", "Name", "Scope", "Created (UTC)", "Expires", "Last used", box=None, pad_edge=False)
    now_ns = SystemClock().now_ns()
    for token in tokens:
        ends = "never" if token.expires_ns is None else _moment(token.expires_ns)
        ends = ends if token.is_alive(now_ns) else f"[red]{ends}, expired[/red]"
        used = "-" if token.last_used_ns is None else _moment(token.last_used_ns)
        table.add_row(token.id, escape(token.name), token.scope, _moment(token.created_ns), ends, used)
    show({"tokens": list(map(_as_data, tokens))}, table if tokens else "No tokens.")


@app.command()
def sessions() -> None:
    """List the sessions of signed-in browsers with scope, token, start, expiry and last use."""
    found = _with_tokens(lambda file: file.sessions())
    table = Table("ID", "Name", "Scope", "Token", "Since (UTC)", "Expires", "Last used", box=None, pad_edge=False)
    for each in found:
        used, ends = _moment(each.last_used_ns or each.created_ns), _moment(each.expires_ns or 0)
        by = each.parent or "link"
        table.add_row(each.id, escape(each.name), each.scope, by, _moment(each.created_ns), ends, used)
    show({"sessions": list(map(_as_data, found))}, table if found else "No sessions.")


@app.command()
def revoke(token_id: Annotated[str, typer.Argument(metavar="ID", help="ID from `list` or `sessions`")]) -> None:
    """Revoke a token and its sessions, or a single session; effective within seconds."""

    def remove(tokens: TokenFile) -> Token:
        token = tokens.revoke(token_id)
        if token is None:
            raise NotFoundError(f"There is no token or session {token_id}")
        _audit(f"{token.kind}s revoke", id=token.id, name=token.name)
        return token

    token = _with_tokens(remove)
    show(_as_data(token), f"{token.kind.capitalize()} {token_id} ({escape(token.name)}) has been revoked.")


def link(
    url: Annotated[
        str | None, typer.Option(metavar="URL", help="Address of the dashboard; default: DASHBOARD_URL")
    ] = None,
) -> None:
    """Print a link that signs a browser in as admin. It is valid once and for ten minutes."""

    def make(_: TokenFile) -> str:
        settings = load_settings(AdminApiSettings)
        base = (url or settings.alerts.dashboard_url or admin_api_url(settings)).rstrip("/")
        made = make_link(base, settings.store.data_dir)
        _audit("link")
        return made

    made = _with_tokens(make)
    show({"link": made}, Text(made))
    if url is None and not is_json():
        err.print("If the dashboard has another address, append the part from # on to it, or use --url.")


def _with_tokens(call: Callable[[TokenFile], T]) -> T:
    """Return the result of a call with the token file of DATA_DIR; raises IngestorError."""
    log_warnings_only()
    data_dir = StoreSettings().data_dir  # type: ignore[call-arg]
    check_data(data_dir, SERVICE, with_store=False)
    return call(TokenFile(data_dir, SystemClock()))


def _audit(action: str, **detail: str) -> None:
    audit = AuditLog(StoreSettings().data_dir, SystemClock())  # type: ignore[call-arg]
    audit.write(who=f"{_user()} on this machine", action=action, address="", status=0, detail=detail)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # in a container a user may have no name
        return str(os.getuid())


def _moment(time_ns: int) -> str:
    return f"{ns_to_datetime(time_ns):%Y-%m-%d %H:%M}"


def _as_data(token: Token) -> dict[str, str | None]:
    times = {"created": token.created_ns, "expires": token.expires_ns, "last_used": token.last_used_ns}
    return {
        "id": token.id,
        "name": token.name,
        "scope": token.scope,
        "parent": token.parent,
        **{name: None if time_ns is None else ns_to_rfc3339(time_ns) for name, time_ns in times.items()},
    }
