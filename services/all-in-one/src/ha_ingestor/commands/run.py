"""`ha-ingestor run`: all services in one process, or a single one."""

from __future__ import annotations

from typing import Annotated

import typer
from ha_ingestor_core.logging.setup import configure_logging
from ha_ingestor_core.process_setup import make_private, raise_descriptor_limit
from ha_ingestor_core.settings.service import LogSettings, ServiceSettings
from ha_ingestor_store.settings import StoreSettings

from ha_ingestor.archive.restore import complete_interrupted, in_use, next_data_dir
from ha_ingestor.console.invalid_settings import stop_for_invalid_settings
from ha_ingestor.console.output import note
from ha_ingestor.data_formats import check_data
from ha_ingestor.roles import DEMO, ROLES, SERVICES, Role
from ha_ingestor.runner import Build, run_until_signalled
from ha_ingestor.settings.remarks import log_remarks


def run(
    role: Annotated[Role, typer.Argument(help="all: all services in one process; or a single service")] = Role.ALL,
) -> None:
    """Run all services in one process ([b]all[/b]), or a single one, until Ctrl-C or SIGTERM."""
    run_role(ROLES[role], *SERVICES[role])


def run_role(build: Build, *services: str) -> None:
    """Check settings and data, then run a role until a signal."""
    stop_for_invalid_settings()
    configure_logging(LogSettings())  # type: ignore[call-arg]  # its fields come from the environment
    log_remarks()
    store = StoreSettings.model_validate({})
    folders = [settings.data_dir for settings in (store, store.for_demo(DEMO))]
    for folder in folders:
        check_data(next_data_dir(folder), *services, with_store=store.influxdb_url is None)
    raise_descriptor_limit()
    make_private(store.data_dir)
    for folder in folders:
        complete_interrupted(folder)
    service = ServiceSettings()  # type: ignore[call-arg]  # likewise
    with in_use(store.data_dir):
        run_until_signalled(build, announce=note, hang_limit_s=service.hang_limit_s)
