"""The `ha-ingestor` command: its table of commands, each imported when it is called, so that help is there at once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, ClassVar

import typer

from ha_ingestor.console.command_group import CommandGroup, Lazy
from ha_ingestor.console.output import Format, out, set_format


class Commands(CommandGroup):
    """Every command, in the order of the help."""

    table: ClassVar = {
        "run": Lazy("ha_ingestor.commands.run:run", "Run every service in one process, or one of them."),
        "init": Lazy("ha_ingestor.commands.init:init", "Connect your Home Assistant: ask, try, and write .env."),
        "check-config": Lazy("ha_ingestor.commands.check_config:check_config", "List every wrong setting at once."),
        "check-data": Lazy(
            "ha_ingestor.commands.check_data:check_data_of", "Check that this release can read DATA_DIR."
        ),
        "doctor": Lazy("ha_ingestor.commands.doctor:doctor", "Check the store, Home Assistant and access."),
        "gaps": Lazy("ha_ingestor.commands.records:gaps", "List when nothing was captured, and what was recovered."),
        "rejected": Lazy(
            "ha_ingestor.commands.records:rejected_app", "Rejected events: why, and deliver them once more."
        ),
        "backfill": Lazy("ha_ingestor.commands.backfill:backfill", "Fill a range from Home Assistant's history."),
        "filters": Lazy("ha_ingestor.commands.filters:app", "Which events are kept: show the filters, or set others."),
        "alerts": Lazy("ha_ingestor.commands.alerts:app", "What needs a person: the alerts that are active, or were."),
        "link": Lazy("ha_ingestor.commands.tokens:link", "Print a link that signs one browser in as admin, once."),
        "tokens": Lazy("ha_ingestor.commands.tokens:app", "Tokens and sessions of the Admin API."),
        "token": Lazy("ha_ingestor.commands.token:app", "The access token of Home Assistant."),
        "backup": Lazy("ha_ingestor.commands.backup:backup", "Back up DATA_DIR while everything runs."),
        "restore": Lazy("ha_ingestor.commands.backup:restore", "Bring back a backup, or begin an empty store."),
        "compact": Lazy("ha_ingestor.commands.backup:compact", "Give room in the embedded store back to the disk."),
        "copy": Lazy("ha_ingestor.commands.copy:copy", "Copy one store to another, and compare both."),
        "demo-home": Lazy("ha_ingestor.commands.demo_home:demo_home", "Run the simulated Home Assistant alone."),
    }


app = typer.Typer(
    name="ha-ingestor",
    cls=Commands,
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Captures everything that happens in a Home Assistant home, keeps it, and shows it.\n\n"
    "Settings come from the environment and from [b].env[/b] in the current folder; "
    "[b]ha-ingestor check-config --describe[/b] lists them all. "
    "Without a command every service runs in one process, as by [b]ha-ingestor run all[/b]; "
    "a demo home is shown until [b]ha-ingestor init[/b] has connected yours.\n\n"
    "Exit codes: 0 good, 1 failed, 2 wrong usage, 3 something is unreachable, 4 something was found.",
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
            raise typer.BadParameter(f"{env_file} is no file")
        os.environ["HA_INGESTOR_ENV_FILE"] = str(env_file)
    return env_file


@app.callback()
def options(
    context: typer.Context,
    output: Annotated[
        Format, typer.Option(callback=_use_format, help="The form of what is printed; also behind a command")
    ] = Format.TEXT,
    data_dir: Annotated[
        Path | None, typer.Option(callback=_use_data_dir, help="In place of DATA_DIR; also behind a command")
    ] = None,
    env_file: Annotated[
        Path | None, typer.Option(callback=_use_env_file, help="In place of .env; also behind a command")
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version, and exit")
    ] = False,
) -> None:
    """Their effects come when they are parsed, before a command with its settings is imported."""
    if context.invoked_subcommand is None:
        from ha_ingestor.commands.run import run

        run()


def main() -> None:
    """The entry point of the command."""
    from ha_ingestor_core.process_setup import keep_new_files_private

    keep_new_files_private()
    app()
