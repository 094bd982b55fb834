"""The health of the pipeline, as returned by /health."""

from __future__ import annotations

from typing import Any

from ha_ingestor_core.errors import IngestorError, TransientError


def pipeline_health(*, is_running: bool, last_error: IngestorError | None) -> dict[str, Any]:
    """Return `degraded` while retries may succeed (a restart would not help), `unhealthy` when an operator must act."""
    if not is_running:
        return {"status": "unhealthy", "reason": "The writer is not running"}
    if last_error is None:
        return {"status": "healthy"}
    status = "degraded" if isinstance(last_error, TransientError) else "unhealthy"
    return {"status": status, "reason": last_error.message, "key": last_error.key}
