"""The `ha-ingestor` command."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from admin_api.settings import Settings as AdminApiSettings
from enrichment_pipeline.settings import Settings as EnrichmentPipelineSettings
from ha_ingestor_core.backfill import Backfill, RemoteBackfill, backfill_range
from ha_ingestor_core.errors import IngestorError, InvalidSettingsError, ServiceUnavailableError
from ha_ingestor_core.internal_http import InternalClient
from ha_ingestor_core.log import configure_logging
from ha_ingestor_core.process_setup import keep_new_files_private, make_private, raise_descriptor_limit
from ha_ingestor_core.redaction import without_secrets
from ha_ingestor_core.settings import LogLevel, LogSettings, SettingProblem, load_settings
from ha_ingestor_store.checkup import Finding, Status
from ha_ingestor_store.settings import StoreSettings
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, TextColumn
from rich.table import Table
from websocket_ingestion.main import configured_homes
from websocket_ingestion.settings import Settings as WebsocketIngestionSettings

from ha_ingestor import alerts_command, backup_commands, filters_command, token_command, tokens_command
from ha_ingestor.access_checkup import check_access
from ha_ingestor.admin_api_address import admin_api_token, admin_api_url
from ha_ingestor.backfilling import EXPECTED_TIME, AdminApiBackfill, FirstThatAnswers, follow, time_of
from ha_ingestor.copy_command import StoreName, copy_store
from ha_ingestor.doctor import as_row, examine, summary
from ha_ingestor.records_cli import gaps, rejected_app
from ha_ingestor.restoring import complete_interrupted
from ha_ingestor.roles import DEMO, ROLES, Role, run_demo_home
from ha_ingestor.runner import Build, run_until_signalled
from ha_ingestor.settings_reference import current_settings, find_problems
from ha_ingestor.settings_remarks import log_remarks, settings_remarks

app = typer.Typer(
    name="ha-ingestor",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Captures everything that happens in a Home Assistant home, keeps it, and shows it.\n\n"
    "Settings come from the environment and from [b].env[/b] in the current folder; "
    "[b]infrastructure/env.example[/b] lists them all. "
    "Without HA_URL and HA_TOKEN, [b]ha-ingestor run all[/b] shows a demo home.",
)
backup_commands.register(app)
app.add_typer(filters_command.app, name="filters")
app.add_typer(alerts_command.app, name="alerts")
app.add_typer(tokens_command.app, name="tokens")
app.add_typer(token_command.app, name="token")
_out = Console(highlight=False, soft_wrap=True)
_err = Console(stderr=True, highlight=False, soft_wrap=True)


@app.command()
def run(
    role: Annotated[Role, typer.Argument(help="all: everything in one process; or one service of the four")],
) -> None:
    """Run every service in one process ([b]all[/b]), or one of them, until Ctrl-C or SIGTERM."""
    _run(ROLES[role])


@app.command("check-config")
def check_config() -> None:
    """List every wrong setting at once, by environment variable, with what was expected; exit 1 if there is any."""
    problems = find_problems()
    if problems:
        _stop_for_settings(problems)
    table = Table("Variable", "Value", box=None, header_style="bold", pad_edge=False)
    for variable, value in current_settings():
        table.add_row(variable, escape(value) or "[dim]-[/dim]")
    _out.print(table)
    for remark in settings_remarks():
        _out.print(f"[yellow]![/yellow] {remark.variable} {escape(remark.message)}")
    _out.print("\nEvery setting is fine. infrastructure/env.example says what each one means.")


@app.command()
def doctor(
    create: Annotated[
        bool,
        typer.Option(
            help="Create what is missing on InfluxDB, and try a point there and back; --no-create changes nothing"
        ),
    ] = True,
    demo: Annotated[bool, typer.Option("--demo", help="Look at the demo home's store, not at yours")] = False,
) -> None:
    """Check the store, Home Assistant and access, and say what to do about each problem; exit 1 if there is any."""
    problems = find_problems()
    if problems:
        _stop_for_settings(problems)
    if asyncio.run(_examine(create=create, demo=demo)):
        raise typer.Exit(1)


@app.command()
def copy(
    from_: Annotated[StoreName, typer.Option("--from", help="The store to read")],
    to: Annotated[StoreName, typer.Option("--to", help="The store to write; what is there already stays")],
    demo: Annotated[bool, typer.Option("--demo", help="Copy the demo home's store, not yours")] = False,
    force: Annotated[bool, typer.Option("--force", help="Copy although an ingestor seems to run")] = False,
) -> None:
    """Copy all events, service_metrics, weather, gaps and alerts from one store to another, and compare both.

    [b]Stop the ingestor first.[/b] A copy that was stopped goes on where it was; repeating one changes nothing. Exit 1
    where the target lacks something.
    """
    if from_ is to:
        raise typer.BadParameter("should be another store than --from", param_hint="--to")
    problems = find_problems()
    if problems:
        _stop_for_settings(problems)
    settings = load_settings(EnrichmentPipelineSettings).store
    # Its lines would run into the bar of progress: only what goes wrong is logged.
    configure_logging(LogSettings(level=LogLevel.WARNING))  # type: ignore[call-arg]  # the format is the environment's
    try:
        is_complete = asyncio.run(
            copy_store(settings.for_demo(DEMO) if demo else settings, from_, to, out=_out, force=force)
        )
    except IngestorError as err:
        _err.print(f"[red]{err.key}[/red]: {escape(without_secrets(err.message))}")
        _err.print("What was copied stays; the same command goes on where it was.")
        raise typer.Exit(1) from err
    if not is_complete:
        raise typer.Exit(1)


@app.command()
def backfill(
    from_: Annotated[str, typer.Option("--from", metavar="TIME", help=f"Where to begin: {EXPECTED_TIME}")],
    to: Annotated[str | None, typer.Option(metavar="TIME", help="Where to end; now when left out")] = None,
) -> None:
    """Fill a stretch of time from Home Assistant's history, by the ingestor that runs; what is stored already stays.

    Gaps are found and filled without this. It is for what was there before the ingestor, as far as the recorder keeps.
    """
    problems = find_problems()
    if problems:
        _stop_for_settings(problems)
    try:
        start_ns = time_of(from_, "--from")
        end_ns = time_of(to, "--to") if to else time.time_ns()
        backfill_range(start_ns, end_ns, time.time_ns())
        asyncio.run(_backfill(start_ns, end_ns))
    except IngestorError as err:
        _err.print(f"[red]{err.key}[/red]: {escape(err.message)}")
        if isinstance(err, ServiceUnavailableError):
            _err.print("Is the ingestor running? Start it with ha-ingestor run all; ADMIN_API_PORT says where it is.")
        raise typer.Exit(1) from err


app.add_typer(rejected_app, name="rejected")
app.command()(gaps)
app.command()(tokens_command.link)


@app.command("demo-home")
def demo_home(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 takes a free one")] = 8123,
) -> None:
    """Run the simulated Home Assistant alone, and print what to set as HA_URL and HA_TOKEN."""
    _run(run_demo_home(port))


def main() -> None:
    """The entry point of the command."""
    keep_new_files_private()
    app()


async def _backfill(start_ns: int, end_ns: int) -> None:
    """Follow a backfill with a progress bar, and say what came of it."""
    settings = load_settings(AdminApiSettings)
    token = settings.service.internal_token
    async with AsyncExitStack() as stack:
        ways: list[Backfill] = [AdminApiBackfill(admin_api_url(settings), admin_api_token(settings))]
        if token:
            client = InternalClient(settings.admin_api.websocket_ingestion_url, token.get_secret_value())
            stack.push_async_callback(client.close)
            ways.append(RemoteBackfill(client))
        columns = (*Progress.get_default_columns(), TextColumn("{task.fields[changes]} changes recovered"))
        with Progress(*columns, console=_out) as bar:
            task = bar.add_task("history", total=100, changes="0")
            done = await follow(
                FirstThatAnswers(ways),
                start_ns,
                end_ns,
                lambda at: bar.update(task, completed=at.done_percent, changes=f"{at.gap.recovered:,}"),
            )
    gap = done.gap
    _out.print(
        f"{gap.recovered:,} changes recovered, {gap.known:,} were stored already; {gap.entities:,} entities asked"
    )
    for sentence in gap.lost:
        _out.print(f"Not recovered: {escape(sentence)}")


async def _examine(*, create: bool, demo: bool) -> bool:
    """Print every finding as it is made; whether there is a problem."""
    settings = load_settings(WebsocketIngestionSettings)
    store = settings.store.for_demo(DEMO) if demo else settings.store
    findings: list[Finding] = []
    homes = configured_homes(settings.home_assistant, settings.homes)
    async for finding in examine(store, homes, create=create):
        findings.append(finding)
        _out.print(as_row(finding))
    findings.append(check_access(load_settings(AdminApiSettings)))
    _out.print(as_row(findings[-1]))
    _out.print(f"\n{summary(findings)}")
    return any(finding.status is Status.PROBLEM for finding in findings)


def _run(build: Build) -> None:
    problems = find_problems()
    if problems:
        _stop_for_settings(problems)
    configure_logging(LogSettings())  # type: ignore[call-arg]  # its fields come from the environment
    log_remarks()
    try:
        store = StoreSettings.model_validate({})
        raise_descriptor_limit()
        make_private(store.data_dir)
        for settings in (store, store.for_demo(DEMO)):
            complete_interrupted(settings.data_dir)
        run_until_signalled(build, announce=_out.print)
    except InvalidSettingsError as err:
        _stop_for_settings(err.detail["problems"])
    except IngestorError as err:
        _err.print(f"[red]{err.key}[/red]: {escape(err.message)}")
        raise typer.Exit(1) from err


def _stop_for_settings(problems: list[SettingProblem]) -> NoReturn:
    _err.print(f"{len(problems)} wrong setting{'s' if len(problems) > 1 else ''}:")
    for problem in problems:
        _err.print(f"  [red]{problem.variable}[/red]: {escape(problem.problem)}. Expected: {escape(problem.expected)}")
    if Path(".env").exists():
        _err.print("They come from the environment or from .env in this folder.")
    raise typer.Exit(1)
