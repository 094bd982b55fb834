"""What an answer of `/query` says went wrong."""

from __future__ import annotations

import pytest
from ha_ingestor_core.errors import StoreRefusedError, StoreUnavailableError
from ha_ingestor_store.influx.influxql.errors import error_of


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (401, "unable to parse authentication credentials"),
        (403, "forbidden"),
        (200, "database not found: x"),
        (200, "error authorizing query: create admin user first or disable authentication"),
        (200, "reader not authorized to execute statement"),
        (400, "error parsing query: found EOF, expected FROM"),
    ],
)
def test_a_person_must_act(status: int, message: str) -> None:
    error = error_of("http://influx", status, message, None)
    assert isinstance(error, StoreRefusedError)
    assert error.message == f"http://influx answered {status} to a question: {message}"


@pytest.mark.parametrize(("status", "message"), [(500, "timeout"), (503, "busy"), (200, "engine: cursor is closed")])
def test_anything_else_may_pass(status: int, message: str) -> None:
    error = error_of("http://influx", status, message, 7.0)
    assert isinstance(error, StoreUnavailableError)
    assert error.retry_after_s == 7.0
