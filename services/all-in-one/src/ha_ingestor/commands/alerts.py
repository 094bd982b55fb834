"""`ha-ingestor alerts`: what needs a person, asked of and told to the Admin API that runs."""

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

app = typer.Typer(help="What needs a person: the alerts that are active, or were.")

AlertId = Annotated[str, typer.Argument(metavar="ID", help="As the list tells it")]


class Alert(Struct, frozen=True):
    """An alert of the Admin API. One on a rate of the period has neither an id nor a start."""

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
    """A list of alerts; of the history, a page."""

    alerts: list[Alert]
    next_cursor: str | None = None


@app.callback(invoke_without_command=True)
def list_alerts(context: typer.Context) -> None:
    """List the alerts that are active, the most urgent first; exit 4 where one is critical."""
    if context.invoked_subcommand is not None:
        return
    alerts = asked(lambda client: _list(client, "/api/v1/stats/alerts")).alerts
    show(Alerts(alerts), alerts_table(alerts) if alerts else "No alert is active.")
    if any(alert.level == "critical" for alert in alerts):
        raise typer.Exit(ExitCode.FINDING)


@app.command("history")
def history(
    period: Annotated[str, typer.Option(help="Such as 24h, 7d or 4w")] = "7d",
    rule: Annotated[str | None, typer.Option(help="Of this rule only")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="So many at most, the newest")] = 100,
) -> None:
    """List the alerts that were active in a period, those that began last first."""
    wanted = {"period": period, "limit": str(limit)} | ({"rule": rule} if rule else {})
    found = asked(lambda client: _list(client, f"/api/v1/stats/alerts/history?{urlencode(wanted)}"))
    more = ["\nThere are more: --limit shows more of them."] if found.next_cursor else []
    show(found, alerts_table(found.alerts) if found.alerts else "There were none.", *more)


@app.command("ack")
def acknowledge(alert_id: AlertId) -> None:
    """Say that somebody knows of an alert."""
    alert = asked(lambda client: _change(client, "POST", f"{quote(alert_id, safe='')}/acknowledge"))
    show(alert, f"Acknowledged: {escape(alert.message)}")


@app.command("silence")
def silence(
    alert_id: AlertId,
    duration: Annotated[str, typer.Argument(help="Such as 30m, 4h or 2d; `end` tells again")] = "4h",
) -> None:
    """Tell nobody of this rule about this service for a while, however often it comes."""
    path = f"{quote(alert_id, safe='')}/silence"
    if duration == "end":
        show(asked(lambda client: _change(client, "DELETE", path)), "It is told again.")
        return
    body = msgspec.json.encode({"duration": duration})
    alert = asked(lambda client: _change(client, "POST", path, body))
    show(alert, f"Nobody is told until {_moment(alert.silenced_until)} UTC.")


@app.command("check")
def check() -> None:
    """Check the file of rules (ALERT_RULES), as a start would, and list them."""
    settings = load_settings(AdminApiSettings)
    rules = load_rules(settings.alerts.rules)
    own = settings.alerts.rules != rules_of_the_release()
    show(
        {"file": str(settings.alerts.rules), "rules": [{"name": rule.name, "level": rule.level} for rule in rules]},
        f"{settings.alerts.rules}{'' if own else ' (of the release)'}: {len(rules)} rules",
        *(f"  [{_COLOURS[rule.level]}]{rule.level:9}[/] {rule.name}" for rule in rules),
    )


def alerts_table(alerts: Iterable[Alert]) -> Table:
    """Alerts, a row each."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("Id", "Level", "Since (UTC)", "Until", "What", "Known"):
        table.add_column(column, overflow="fold", min_width=29 if column == "Id" else None)
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
        raise ServiceRefusedError(f"the Admin API answered something else: {err}") from err


def _moment(moment: Any) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else "-"
