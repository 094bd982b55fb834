"""`ha-ingestor demo-home`: runs only the simulated Home Assistant."""

from __future__ import annotations

from typing import Annotated

import typer

from ha_ingestor.commands.run import run_role
from ha_ingestor.roles import run_demo_home


def demo_home(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0: any free port")] = 0,
) -> None:
    """Run only the simulated Home Assistant, and print the values of HA_URL and HA_TOKEN."""
    run_role(run_demo_home(port))
