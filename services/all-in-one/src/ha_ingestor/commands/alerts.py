"""`ha-ingestor alerts`: lists, acknowledges and silences alerts, through the Admin API."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, TypeVar
from urllib.parse import quote, urlencode

import msgspec
import typer
from admin_api.alerts.rules import load_rules, rules_of_the_release
from admin_api.settings import Settings as AdminApiSettings
from ha_ingestor_core.errors import ServiceRefusedError
from ha_ingestor_core.http.client import InternalClient
from ha_ingestor_core.settings.loading import load_settings
from msgspec import Struct
from rich.markup import escape
from rich.table import Table

from ha_ingestor.api_client.request import asked
from ha_ingestor.console.output import ExitCode, show

T = TypeVar("T")

_COLOURS = {"critical": "red", "error": "red", "warning": "yellow", "info": "blue"}

app = typer.Typer(help="List, acknowledge or silence alerts.")

AlertId = Annotated[str, typer.Argument(metavar="ID", help="ID from the list")]


class Alert(Struct, frozen=True):
    """An alert of the Admin API. Alerts on the rates of a period have neither id nor start."""

    level: str
    service: str
    message: str
    id: str = ""
    rule: str = ""
    since: datetime | None = None
    runbook: str = ""
    cleared: datetime | None = None
    acknowledged: datetime | None = None
    acknowledged_by: str | None = None
    silenced_until: datetime | None = None


class Alerts(Struct, frozen=True):
    """A list of alerts, or a page of the history."""

    alerts: list[Alert]
    next_cursor: str | None = None


@app.callback(invoke_without_command=True)
def list_alerts(context: typer.Context) -> None:
    """List active alerts, most severe first; exit code 4 if one is critical."""
    if context.invoked_subcommand is not None:
        return
    alerts = asked(lambda client: _list(client, "/api/v1/stats/alerts")).alerts
    show(Alerts(alerts), alerts_table(alerts) if alerts else "No active alerts.")
    if any(alert.level == "critical" for alert in alerts):
        raise typer.Exit(ExitCode.FINDING)


@app.command("history")
def history(
    period: Annotated[str, typer.Option(help="Period such as 24h, 7d or 4w")] = "7d",
    rule: Annotated[str | None, typer.Option(help="Only of this rule")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Maximum number, newest first")] = 100,
) -> None:
    """List the alerts of a period, latest start first."""
    wanted = {"period": period, "limit": str(limit)} | ({"rule": rule} if rule else {})
    found = asked(lambda client: _list(client, f"/api/v1/stats/alerts/history?{urlencode(wanted)}"))
    more = ["\nThere are more alerts. Use --limit to show more."] if found.next_cursor else []
    show(found, alerts_table(found.alerts) if found.alerts else "No alerts in this period.", *more)


@app.command("ack")
def acknowledge(alert_id: AlertId) -> None:
    """Acknowledge an alert."""
    alert = asked(lambda client: _change(client, "POST", f"{quote(alert_id, safe='')}/acknowledge"))
    show(alert, f"Acknowledged: {escape(alert.message)}")


@app.command("silence")
def silence(
    alert_id: AlertId,
    duration: Annotated[str, typer.Argument(help="Such as 30m, 4h or 2d; `end` ends the silence")] = "4h",
) -> None:
    """Send no notifications of this rule and service for a time, even if the alert is raised again."""
    path = f"{quote(alert_id, safe='')}/silence"
    if duration == "end":
        show(asked(lambda client: _change(client, "DELETE", path)), "The silence has ended.")
        return
    body = msgspec.json.encode({"duration": duration})
    alert = asked(lambda client: _change(client, "POST", path, body))
    show(alert, f"Silenced until {_moment(alert.silenced_until)} UTC.")


@app.command("check")
def check() -> None:
    """Validate the file of rules (ALERT_RULES) and list the rules."""
    settings = load_settings(AdminApiSettings)
    rules = load_rules(settings.alerts.rules)
    own = settings.alerts.rules != rules_of_the_release()
    show(
        {"file": str(settings.alerts.rules), "rules": [{"name": rule.name, "level": rule.level} for rule in rules]},
        f"{settings.alerts.rules}{'' if own else ' (default)'}: {len(rules)} rules",
        *(f"  [{_COLOURS[rule.level]}]{rule.level:9}[/] {rule.name}" for rule in rules),
    )


def alerts_table(alerts: Iterable[Alert]) -> Table:
    """Format alerts as a table."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("ID", "Level", "Since (UTC)", "Until", "Message", "State"):
        table.add_column(column, overflow="fold", min_width=29 if column == "ID" else None)
    for alert in alerts:
        by = f" by {escape(alert.acknowledged_by)}" if alert.acknowledged_by else ""
        known = [f"acknowledged{by}"] if alert.acknowledged else []
        known += [f"silenced until {_moment(alert.silenced_until)}"] if alert.silenced_until else []
        table.add_row(
            escape(alert.id) or "-",
            f"[{_COLOURS.get(alert.level, 'default')}]{escape(alert.level)}[/]",
            _moment(alert.since),
            _moment(alert.cleared),
            escape(alert.message),
            ", ".join(known) or "-",
        )
    return table


async def _list(client: InternalClient, path: str) -> Alerts:
    return _decoded(await client.send("GET", path), Alerts)


async def _change(client: InternalClient, method: str, path: str, body: bytes | None = None) -> Alert:
    return _decoded(await client.send(method, f"/api/v1/alerts/{path}", body), Alert)


def _decoded(answer: bytes, type_: type[T]) -> T:
    try:
        return msgspec.json.decode(answer, type=type_)
    except msgspec.MsgspecError as err:
        raise ServiceRefusedError(f"The response is not from the Admin API: {err}. Check ADMIN_API_PORT") from err


def _moment(moment: Any) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else "-"
