"""`ha-ingestor check-config`: every wrong setting at once, or every setting with its meaning."""

from __future__ import annotations

from typing import Annotated

import typer
from ha_ingestor_core.errors import InvalidSettingsError
from rich.markup import escape
from rich.table import Table

from ha_ingestor.console.output import ExitCode, out, show
from ha_ingestor.console.wrong_settings import print_problems
from ha_ingestor.settings.reference import current_settings, env_example, find_problems
from ha_ingestor.settings.remarks import settings_remarks


def check_config(
    describe: Annotated[
        bool, typer.Option("--describe", help="Print every setting with its meaning and default, as a file for .env")
    ] = False,
) -> None:
    """List every wrong setting at once, by environment variable, with what was expected; exit 4 if there is any."""
    if describe:
        out.print(env_example(), markup=False, end="")
        return
    if problems := find_problems():
        print_problems(InvalidSettingsError("wrong settings", problems=problems))
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
        "\nEvery setting is fine. ha-ingestor check-config --describe says what each one means.",
    )
