"""`ha-ingestor check-data`: whether this release can read DATA_DIR."""

from __future__ import annotations

from typing import Annotated

import typer
from ha_ingestor_store.settings import StoreSettings

from ha_ingestor.archive.restore import next_data_dir
from ha_ingestor.console.output import note
from ha_ingestor.data_formats import check_data
from ha_ingestor.roles import SERVICES, Role


def check_data_of(
    role: Annotated[Role, typer.Argument(help="all: all services in one process; or a single service")],
) -> None:
    """Check that this release can read DATA_DIR, without changes; exit code 1 and `data_dir_newer` if it cannot."""
    store = StoreSettings.model_validate({})
    check_data(next_data_dir(store.data_dir), *SERVICES[role], with_store=store.influxdb_url is None)
    note(f"This release can read {store.data_dir}.")
