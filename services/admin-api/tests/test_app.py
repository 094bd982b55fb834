"""The whole application, tested by schemathesis with valid and invalid requests of its own OpenAPI."""

from __future__ import annotations

import json
from typing import Any

import pytest
import schemathesis
from admin_api.openapi import openapi_text
from admin_api.security.scopes import SESSION, Scope
from admin_api.security.token_file import TokenFile
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

DOCUMENT = json.loads(openapi_text())
OPERATIONS = [
    (path, method)
    for path, methods in DOCUMENT["paths"].items()
    for method in methods
    if path != "/api/v1/stream"  # it never ends
]
CASES = [
    (path, method, mode)
    for path, method in OPERATIONS
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    if mode is GenerationMode.POSITIVE or DOCUMENT["paths"][path][method].get("parameters")  # can be invalid
]

load_all_checks()
CHECKED = CHECKS.get_by_names(
    ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance"]
)


@pytest.mark.parametrize(("path", "method", "mode"), CASES)
def test_every_answer_is_a_documented_one(
    app: Any, tokens: TokenFile, store: Any, event: Any, path: str, method: str, mode: GenerationMode
) -> None:
    store.events = [event(state=str(ago), ago_s=ago, attributes='{"a": [1]}') for ago in range(1, 4)]
    token, _ = tokens.create("schemathesis", Scope.ADMIN)
    schema = schemathesis.openapi.from_dict(DOCUMENT)
    schema.app = app
    operation = schema[path][method.upper()]
    answers: list[Any] = []

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def ask(case: Any) -> None:
        authorization = {"Authorization": f"Bearer {token}"}
        answers.append(case.call_and_validate(checks=CHECKED, headers=authorization, timeout=60))

    ask()
    if path != SESSION:  # made-up tokens are never valid
        assert any(answer.status_code not in (401, 403, 421, 429) for answer in answers), "nobody came past the gate"
