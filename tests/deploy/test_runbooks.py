"""Every error key and every alert has a heading in a runbook."""

from __future__ import annotations

import ast
import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import admin_api
import enrichment_pipeline
import ha_ingestor
import ha_ingestor_core
import ha_ingestor_store
import websocket_ingestion
from admin_api.http.errors import HTTP_KEYS
from enrichment_pipeline.validation.decode_errors import RejectionKey
from ha_ingestor.store_copy import EXPIRED
from ha_ingestor_core.errors import IngestorError
from ha_ingestor_store.influx.server.write_answers import RefusalKey

from scripts import generate_alerts

ROOT = Path(__file__).parents[2]
ERRORS = ROOT / "docs" / "runbooks" / "errors.md"
PACKAGES = (ha_ingestor_core, ha_ingestor_store, websocket_ingestion, enrichment_pipeline, admin_api, ha_ingestor)
WITH_A_KEY = {"RefusedError": 1, "error_answer": 1, "fail": 0}
"""Functions with a key as argument that no class has, and the position of the argument."""


def test_every_error_key_of_the_code_has_a_heading_and_no_other() -> None:
    headings = re.findall(r"^### (\w+)$", ERRORS.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(headings) == len(set(headings))
    assert set(headings) == {*_class_keys(), *_literal_keys(), *HTTP_KEYS.values(), *RejectionKey, *RefusalKey, EXPIRED}


def test_alerts_reference_is_what_the_rules_say() -> None:
    text = generate_alerts.PAGE.read_text(encoding="utf-8")
    assert text == generate_alerts.page(), "run: make docs"


def test_every_alert_has_a_runbook() -> None:
    runbooks = {path.stem for path in (ROOT / "docs" / "runbooks").glob("*.md")}
    assert {alert.runbook for alert in generate_alerts.alerts()} <= runbooks


def _class_keys() -> Iterator[str]:
    for package in PACKAGES:
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            import_module(module.name)
    waiting: list[type[IngestorError]] = [IngestorError]
    while waiting:
        known = waiting.pop()
        yield known.key
        waiting += [each for each in known.__subclasses__() if each.__module__.partition(".")[0] in _NAMES]


def _literal_keys() -> Iterator[str]:
    for package in PACKAGES:
        for file in Path(package.__path__[0]).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                    continue
                place = WITH_A_KEY.get(node.func.id)
                if place is not None and isinstance(key := node.args[place], ast.Constant):
                    yield str(key.value)


_NAMES = {package.__name__ for package in PACKAGES}
