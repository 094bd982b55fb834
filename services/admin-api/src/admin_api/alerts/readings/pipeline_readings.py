"""Readings of the enrichment-pipeline: failing writes, and the size of the file of rejected events."""

from __future__ import annotations

from admin_api.alerts.readings.reading import Found, Reading
from admin_api.alerts.rules import Watch
from admin_api.peers.status import EnrichmentStatus, Unreachable

SERVICE = "enrichment-pipeline"
PIPELINE_WATCHES = frozenset({Watch.WRITES_FAILING, Watch.REJECTED_FILE})


def read_pipeline(watch: Watch, status: EnrichmentStatus | Unreachable) -> Reading | None:
    """Return the reading of a rule of PIPELINE_WATCHES; None while the service is unreachable."""
    if isinstance(status, Unreachable):
        return None
    if watch is Watch.WRITES_FAILING:
        errors = (status.storage.last_error, status.rejected_file.last_error)
        names = tuple(error for error in errors if error is not None)
        failing_s = max(status.storage.failing_s or 0.0, status.rejected_file.failing_s or 0.0)
        return {SERVICE: Found(failing_s, names)}
    used, limit = status.rejected_file.bytes, status.rejected_file.limit_bytes
    return {SERVICE: Found(100.0 * used / limit)} if used is not None and limit else None
