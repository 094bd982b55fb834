"""The HEALTHCHECK of the services' image: exits with 0 while the service of this container is alive.

With nothing but http.client, since it runs every ten seconds.
"""

from __future__ import annotations

import os
import sys
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path

_ADMIN_API = ("ADMIN_API_PORT", 8003, "/api/v1/health/live")
_ALONE = {
    b"websocket-ingestion": ("WEBSOCKET_INGESTION_PORT", 8001, "/health"),
    b"enrichment-pipeline": ("ENRICHMENT_PIPELINE_PORT", 8002, "/health"),
}
_TIMEOUT_S = 4.0


def main(command_line: bytes) -> None:
    """Check the service of the first process of this container; `run all` uses the address of the Admin API.

    Another command than `run` is healthy while it runs.
    """
    words = command_line.split(b"\0")
    if b"run" not in words:
        return
    variable, port, path = next((_ALONE[word] for word in words if word in _ALONE), _ADMIN_API)
    connection = HTTPConnection("127.0.0.1", int(os.environ.get(variable) or port), timeout=_TIMEOUT_S)
    try:
        connection.request("GET", path)
        status = connection.getresponse().status
    except (OSError, HTTPException) as err:
        sys.exit(f"{path}: {err}")
    if status != HTTPStatus.OK:
        sys.exit(f"{path}: {status}")


if __name__ == "__main__":
    main(Path("/proc/1/cmdline").read_bytes())
