"""`ha-ingestor demo-home`: runs the simulated Home Assistant alone."""

from __future__ import annotations

from typing import Annotated

import typer

from ha_ingestor.commands.run import run_role
from ha_ingestor.roles import run_demo_home


def demo_home(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; any free one when left out")] = 0,
) -> None:
    """Run the simulated Home Assistant alone, and print what to set as HA_URL and HA_TOKEN."""
    run_role(run_demo_home(port))
