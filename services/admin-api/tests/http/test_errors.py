"""Every error has the same shape."""

from __future__ import annotations

from typing import Any

import pytest
from admin_api.http.models import ErrorAnswer
from ha_ingestor_core.errors import (
    BackpressureError,
    IngestorError,
    InvalidInputError,
    StoreRefusedError,
    StoreUnavailableError,
)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InvalidInputError("no", field="x"), 422),
        (StoreUnavailableError("busy"), 503),
        (StoreRefusedError("damaged"), 503),
        (BackpressureError("full"), 429),
        (RuntimeError("oops"), 500),
    ],
)
async def test_error_of_the_store_has_its_status_and_the_one_shape(
    get: Any, store: Any, error: Exception, status: int
) -> None:
    store.error = error
    answer = await get("/api/v1/events")
    body = ErrorAnswer.model_validate_json(answer.body)
    assert answer.status == status
    assert body.error.key == getattr(error, "key", IngestorError.key)


async def test_only_retryable_errors_have_retry_after(get: Any, store: Any) -> None:
    store.error = StoreUnavailableError("busy")
    assert (await get("/api/v1/events")).headers["retry-after"] == "1"
    store.error = StoreRefusedError("damaged")
    assert "retry-after" not in (await get("/api/v1/events")).headers


@pytest.mark.parametrize("method", ["POST", "DELETE", "OPTIONS"])
async def test_wrong_method_is_a_405_that_names_the_right_one(get: Any, method: str) -> None:
    answer = await get("/api/v1/stats", method=method)
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")
    error = {"key": "method_not_allowed", "message": f"{method} is not allowed here. Allowed: GET, HEAD", "detail": {}}
    assert answer.json["error"] == error


async def test_a_path_without_an_endpoint_is_a_404_with_the_documentation(get: Any) -> None:
    answer = await get("/api/v1/nope")
    assert (answer.status, answer.json["error"]["key"]) == (404, "not_found")
    assert "/api/v1/openapi.json" in answer.json["error"]["message"]


async def test_limit_is_refused_in_words(get: Any) -> None:
    assert (await get("/api/v1/events?limit=0")).json["error"] == {
        "key": "invalid_input",
        "message": "limit must be greater than or equal to 1",
        "detail": {"field": "limit", "expected": "greater than or equal to 1"},
    }


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("entities//history", "entity_id must not be empty"),
        ("entities/busiest?foo=1", "Unknown parameter foo. Allowed: period, home, limit"),
        ("stats/comparison?foo=1", "Unknown parameter foo. This endpoint takes no parameters"),
        ("events?limit=1&limit=2", "limit is repeated. Send it once"),
        ("events?limit=%2B1", "limit must be an integer in ASCII digits"),
        ("stats?period=1h&start=1h", "period cannot be combined with start or end. Remove one of them"),
        ("stats?end=1h", "start is required if end is given"),
        ("events?domain=%00", "domain must not contain NUL characters"),
        (
            "stats/trends?metric=lag_s",
            "service is required with the metric lag_s, which cannot be summed over services",
        ),
    ],
)
async def test_a_validation_error_names_problem_and_expectation(get: Any, path: str, message: str) -> None:
    answer = await get(f"/api/v1/{path}")
    assert (answer.status, answer.json["error"]["message"]) == (422, message)


async def test_a_text_that_is_too_long_is_refused_in_words(get: Any) -> None:
    answer = await get(f"/api/v1/entities/{'x' * 300}")
    assert answer.json["error"]["message"] == "entity_id must have at most 255 characters"


async def test_a_body_that_is_not_text_is_an_ordinary_validation_error(get: Any) -> None:
    answer = await get("/api/v1/filters", "PUT", b"\x80")
    assert (answer.status, answer.json["error"]["detail"]["field"]) == (422, "body")


async def test_a_405_names_every_allowed_method(get: Any) -> None:
    answer = await get("/api/v1/filters", "DELETE")
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, PUT")


@pytest.mark.parametrize(
    ("method", "path", "body", "message"),
    [
        ("PUT", "filters", b"[", "body must be JSON in UTF-8"),
        ("PUT", "filters", b"", "body is required"),
        ("PUT", "config/stats-source", b'{"nope": 1}', "Unknown field nope. Remove it"),
        ("POST", "tokens", b"{}", "name is required"),
    ],
)
async def test_a_body_that_is_wrong_is_refused_in_words(
    get: Any, method: str, path: str, body: bytes, message: str
) -> None:
    answer = await get(f"/api/v1/{path}", method, body)
    assert (answer.status, answer.json["error"]["message"]) == (422, message)
