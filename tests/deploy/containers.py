"""The content of infrastructure/compose for the tests of this folder."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "infrastructure" / "compose"
FILE = COMPOSE / "docker-compose.yml"
MINIMAL = COMPOSE / "docker-compose.minimal.yml"
INIT = COMPOSE / "init_influxdb.py"
IMAGE_DEFAULTS = ROOT / "infrastructure" / "docker" / "container.env"

TEXT = FILE.read_text(encoding="utf-8")
PROJECT: dict[str, Any] = yaml.safe_load(TEXT)
CONTAINERS: dict[str, dict[str, Any]] = PROJECT["services"]

FILLED_IN = {
    "HA_URL": "http://192.0.2.1:8123",
    "HA_TOKEN": "a-long-lived-access-token",
    "INTERNAL_TOKEN": "1" * 64,
    "INFLUXDB_ADMIN_PASSWORD": "2" * 64,
    "INFLUXDB_ADMIN_TOKEN": "3" * 64,
    "GRAFANA_ADMIN_PASSWORD": "4" * 64,
}
"""A complete .env."""

_VARIABLE = re.compile(r"\$\{([A-Z_]+)(?::([-?])([^}]*))?\}")


def interpolated(text: str, environment: dict[str, str]) -> str:
    """Return a value after compose's interpolation: `${NAME}`, `${NAME:-default}`, `${NAME:?message}`."""

    def value(match: re.Match[str]) -> str:
        name, operator, rest = match.groups()
        if environment.get(name):
            return environment[name]
        assert operator == "-", f"{name} has to be set"
        return str(rest)

    return _VARIABLE.sub(value, text)


def environment_of(container: str) -> dict[str, str]:
    """Return the environment of a container, with .env applied; a variable without a value is passed if it is set."""
    given = CONTAINERS[container].get("environment", {})
    passed = {name: f"${{{name}:-}}" if value is None else str(value) for name, value in given.items()}
    found = {name: interpolated(value, FILLED_IN) for name, value in passed.items()}
    return {name: value for name, value in found.items() if value or given[name] is not None}


def init_module() -> ModuleType:
    """Import init_influxdb.py, a script of an image that is not in a package."""
    spec = spec_from_file_location(INIT.stem, INIT)
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    sys.modules[INIT.stem] = module
    spec.loader.exec_module(module)
    return module


def kept_files() -> list[str]:
    """Return the files tracked by git."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return listed.stdout.splitlines()
