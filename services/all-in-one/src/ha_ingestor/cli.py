"""The `ha-ingestor` command: the table of commands, which are imported only when called, so that help is fast."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, ClassVar

import typer

from ha_ingestor.console.command_group import CommandGroup, Lazy
from ha_ingestor.console.output import Format, out, set_format


class Commands(CommandGroup):
    """All commands, in the order of the help."""

    table: ClassVar = {
        "run": Lazy("ha_ingestor.commands.run:run", "Run all services in one process, or a single one."),
        "init": Lazy("ha_ingestor.commands.init:init", "Connect your Home Assistant and write .env."),
        "check-config": Lazy("ha_ingestor.commands.checks.check_config:check_config", "List all invalid settings."),
        "check-data": Lazy(
            "ha_ingestor.commands.checks.check_data:check_data_of", "Check that this release can read DATA_DIR."
        ),
        "doctor": Lazy("ha_ingestor.commands.checks.doctor:doctor", "Check the store, Home Assistant and access."),
        "verify": Lazy("ha_ingestor.commands.checks.verify:verify", "Check that the stored data is complete."),
        "gaps": Lazy("ha_ingestor.commands.gaps:gaps", "List gaps in the capture, and what was recovered."),
        "rejected": Lazy("ha_ingestor.commands.rejected:app", "List, export, replay or discard rejected events."),
        "backfill": Lazy("ha_ingestor.commands.backfill:backfill", "Fill a time range from Home Assistant's history."),
        "filters": Lazy("ha_ingestor.commands.filters:app", "Show or set the filters of events."),
        "alerts": Lazy("ha_ingestor.commands.alerts:app", "List, acknowledge or silence alerts."),
        "link": Lazy("ha_ingestor.commands.tokens:link", "Print a one-time sign-in link."),
        "tokens": Lazy("ha_ingestor.commands.tokens:app", "Manage tokens and sessions of the Admin API."),
        "token": Lazy("ha_ingestor.commands.token:app", "Set the access token of Home Assistant."),
        "backup": Lazy("ha_ingestor.commands.backup:backup", "Back up DATA_DIR while HA Ingestor runs."),
        "restore": Lazy("ha_ingestor.commands.backup:restore", "Restore a backup, or start with an empty store."),
        "compact": Lazy("ha_ingestor.commands.backup:compact", "Free unused disk space of the embedded store."),
        "copy": Lazy("ha_ingestor.commands.copy:copy", "Copy one store to another and compare them."),
        "demo-home": Lazy("ha_ingestor.commands.demo_home:demo_home", "Run only the simulated Home Assistant."),
    }


app = typer.Typer(
    name="ha-ingestor",
    cls=Commands,
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Captures all events of a Home Assistant home, stores them, and shows them on a dashboard.\n\n"
    "Settings come from the environment and from [b].env[/b] in the current folder; "
    "[b]ha-ingestor check-config --describe[/b] lists all settings. "
    "Without a command all services run in one process, as with [b]ha-ingestor run all[/b]; "
    "a demo home is shown until [b]ha-ingestor init[/b] connects your own.\n\n"
    "Exit codes: 0 success, 1 failure, 2 invalid usage, 3 a server is unreachable, 4 problems were found.",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        out.print(f"ha-ingestor {version('ha-ingestor')}")
        raise typer.Exit


def _use_format(format_: Format) -> Format:
    set_format(format_)
    return format_


def _use_data_dir(data_dir: Path | None) -> Path | None:
    if data_dir is not None:
        os.environ["DATA_DIR"] = str(data_dir)
    return data_dir


def _use_env_file(env_file: Path | None) -> Path | None:
    if env_file is not None:
        if not env_file.is_file():
            raise typer.BadParameter(f"{env_file} is not a file")
        os.environ["HA_INGESTOR_ENV_FILE"] = str(env_file)
    return env_file


@app.callback()
def options(
    context: typer.Context,
    output: Annotated[Format, typer.Option(callback=_use_format, help="Output format")] = Format.TEXT,
    data_dir: Annotated[
        Path | None, typer.Option(callback=_use_data_dir, help="Data folder, overrides DATA_DIR")
    ] = None,
    env_file: Annotated[Path | None, typer.Option(callback=_use_env_file, help="Settings file, overrides .env")] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit")
    ] = False,
) -> None:
    """Take effect when they are parsed, before a command and its settings are imported."""
    if context.invoked_subcommand is None:
        from ha_ingestor.commands.run import run

        run()


def main() -> None:
    """The entry point of the command."""
    from ha_ingestor_core.process_setup import keep_new_files_private

    keep_new_files_private()
    app()
