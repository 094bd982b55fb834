"""How the tests of every folder run: beside each other, within a time limit, with the same examples each time in CI."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

# CI has to say the same of the same code; what only luck finds is for `make search`.
settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("search", max_examples=2_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci" if os.environ.get("CI") == "true" else "default")

# As the services log: a traceback drawn by rich, with the values of all variables, takes seconds.
structlog.configure(
    [
        *structlog.get_config()["processors"][:-1],
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
)

_STARTS_SERVERS = "tests/"
_SERVERS_LIMIT_S, _FULL_LIMIT_S = 300, 1_800
_LONGEST_FIRST = (
    *("tests/e2e/", "tests/integration/", "tests/faults/", "tests/contract/", "tests/"),
    *("services/admin-api/", "services/", "libs/", ""),
)
_SHARED_BY_A_FOLDER = "tests/e2e/dashboard/"


class ByFile(LoadScopeScheduling):  # type: ignore[misc]
    """Tests of a file stay together, and those of a folder whose tests share a browser and running homes."""

    def _split_scope(self, nodeid: str) -> str:
        return _SHARED_BY_A_FOLDER if nodeid.startswith(_SHARED_BY_A_FOLDER) else nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    """Return what gives the tests to the workers, in the order of `pytest_collection_modifyitems`."""
    config.option.loadscopereorder = False
    return ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest first, so that no worker is left alone with them; what starts servers has more time."""
    items.sort(key=lambda item: _rank(item.nodeid, _LONGEST_FIRST))
    for item in items:
        if item.get_closest_marker("full"):
            item.add_marker(pytest.mark.timeout(_FULL_LIMIT_S))
        elif item.nodeid.startswith(_STARTS_SERVERS):
            item.add_marker(pytest.mark.timeout(_SERVERS_LIMIT_S))


def _rank(nodeid: str, folders: Iterable[str]) -> int:
    return next(rank for rank, folder in enumerate(folders) if nodeid.startswith(folder))
