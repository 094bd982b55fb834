"""`ha-ingestor check-config`: all invalid settings, or all settings with their descriptions."""

from __future__ import annotations

from typing import Annotated

import typer
from ha_ingestor_core.errors import InvalidSettingsError
from rich.markup import escape
from rich.table import Table

from ha_ingestor.console.invalid_settings import print_problems
from ha_ingestor.console.output import ExitCode, out, show
from ha_ingestor.settings.reference import current_settings, env_example, find_problems
from ha_ingestor.settings.remarks import settings_remarks


def check_config(
    describe: Annotated[
        bool, typer.Option("--describe", help="Print all settings with description and default, in the format of .env")
    ] = False,
) -> None:
    """List all invalid settings with the expected values; exit code 4 if there are any."""
    if describe:
        out.print(env_example(), markup=False, end="")
        return
    if problems := find_problems():
        print_problems(InvalidSettingsError("Invalid settings", problems=problems))
        raise typer.Exit(ExitCode.FINDING)
    table = Table("Variable", "Value", box=None, header_style="bold", pad_edge=False)
    settings, remarks = list(current_settings()), list(settings_remarks())
    for variable, value in settings:
        table.add_row(variable, escape(value) or "[dim]-[/dim]")
    show(
        {
            "settings": dict(settings),
            "remarks": [{"variable": remark.variable, "message": remark.message} for remark in remarks],
        },
        table,
        *(f"[yellow]![/yellow] {remark.variable} {escape(remark.message)}" for remark in remarks),
        "\nAll settings are valid. ha-ingestor check-config --describe describes each one.",
    )
