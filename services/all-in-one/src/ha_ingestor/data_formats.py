"""The formats of the data in DATA_DIR, checked before any service uses it."""

from __future__ import annotations

from pathlib import Path

import structlog
from admin_api.peers.names import SERVICE as ADMIN_API
from admin_api.settings import FORMAT as ADMIN_API_FORMAT
from enrichment_pipeline.main import FORMAT as ENRICHMENT_PIPELINE_FORMAT
from enrichment_pipeline.main import SERVICE as ENRICHMENT_PIPELINE
from ha_ingestor_core.files.data_format import check_formats, keep_formats, later_data
from ha_ingestor_store.embedded.file.migrations import SCHEMA_VERSION, schema_in
from ha_ingestor_store.embedded.file.store_file import FILE_NAME
from websocket_ingestion.service import FORMAT as WEBSOCKET_INGESTION_FORMAT
from websocket_ingestion.service import SERVICE as WEBSOCKET_INGESTION

FORMATS = {
    WEBSOCKET_INGESTION: WEBSOCKET_INGESTION_FORMAT,
    ENRICHMENT_PIPELINE: ENRICHMENT_PIPELINE_FORMAT,
    ADMIN_API: ADMIN_API_FORMAT,
}
"""The format that each service of this release writes."""

_log = structlog.get_logger()


def check_data(data_dir: Path, *services: str, with_store: bool = True) -> None:
    """Raise LaterDataError if the data of a service or the embedded store was written by a later release.

    Reads two small files and writes none.
    """
    check_formats(data_dir, {service: FORMATS[service] for service in services})
    store = data_dir / FILE_NAME
    if with_store and (found := schema_in(store)) > SCHEMA_VERSION:
        raise later_data(f"The store {store}", found, SCHEMA_VERSION)


def keep_data_formats(data_dir: Path, *services: str) -> None:
    """Save the formats of services in DATA_DIR; raises LaterDataError."""
    try:
        keep_formats(data_dir, {service: FORMATS[service] for service in services})
    except OSError as err:  # a full disk must not prevent capture
        _log.warning("format_not_saved", data_dir=str(data_dir), error=err.strerror, then="the next start saves it")
