"""`/filters` over HTTP."""

from __future__ import annotations

import json
from typing import Any

import pytest
from admin_api.filters.models import FiltersAnswer

NOTHING: dict[str, Any] = {"entities": [], "domains": [], "event_types": []}


async def test_by_default_nothing_is_filtered(get: Any) -> None:
    answer = await get("/api/v1/filters")
    FiltersAnswer.model_validate_json(answer.body)
    assert answer.json == {"include": NOTHING, "exclude": NOTHING, "source": "default", "variables": []}


async def test_what_is_put_is_in_force_and_what_is_left_out_is_empty(get: Any) -> None:
    body = {"exclude": {"entities": ["*_battery"]}}
    answer = await get("/api/v1/filters", method="PUT", body=json.dumps(body).encode())
    assert answer.status == 200
    assert answer.json == (await get("/api/v1/filters")).json
    assert answer.json["exclude"] == {**NOTHING, "entities": ["*_battery"]}
    assert answer.json["source"] == "stored"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"exclude": {"entities": ["Kitchen"]}}', "exclude.entities"),
        (b'{"exclude": {"entities": [1]}}', "exclude.entities.0"),
        (b'{"exclude": {"areas": []}}', "exclude.areas"),
        (b'{"keep": {}}', "keep"),
        (b"[]", "body"),
        (b"", "body"),
    ],
)
async def test_a_wrong_body_is_refused_by_field(get: Any, body: bytes, field: str) -> None:
    answer = await get("/api/v1/filters", method="PUT", body=body)
    assert answer.status == 422
    assert answer.json["error"]["detail"]["field"] == field
    assert answer.json["error"]["detail"]["expected"]


async def test_filters_of_the_environment_are_a_409_that_names_the_variable(get: Any, filters: Any) -> None:
    filters.variables = ["FILTER_EXCLUDE_DOMAINS"]
    answer = await get("/api/v1/filters", method="PUT", body=b"{}")
    assert answer.status == 409
    assert answer.json["error"]["key"] == "fixed_by_environment"
    assert answer.json["error"]["detail"] == {"variables": ["FILTER_EXCLUDE_DOMAINS"]}
