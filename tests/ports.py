"""Ports for the servers of tests, which may run in parallel.

They are below the ports of outgoing connections (`ip_local_port_range`, from 32768 on): one of those can be taken by a
connection between finding it free and listening on it.
"""

from __future__ import annotations

import os
import random
import socket
from itertools import cycle, islice

_FIRST = 16_384
_LAST = 32_767
_WORKERS = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_OF_THIS_WORKER = range(_FIRST + _WORKER, _LAST + 1, _WORKERS)
_candidates = islice(cycle(_OF_THIS_WORKER), random.randrange(len(_OF_THIS_WORKER)), None)


def free_port() -> int:
    """Return a port without listener; a different one at every call."""
    for port in islice(_candidates, len(_OF_THIS_WORKER)):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError(f"no port is free between {_FIRST} and {_LAST}")
