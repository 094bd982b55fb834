"""What influxdb-client raises, as errors of ours."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from ha_ingestor_core.errors import IngestorError, InvalidInputError, StoreRefusedError, StoreUnavailableError
from ha_ingestor_store.influx_flux.errors import translated
from influxdb_client.client.flux_csv_parser import FluxCsvParserException, FluxQueryException
from influxdb_client.rest import ApiException


def refusal(status: int, **headers: str) -> ApiException:
    error = ApiException(status=status, reason="reason")  # type: ignore[no-untyped-call]
    error.body = '{"message":"no"}'
    error.headers = headers  # type: ignore[assignment]
    return error


def raised(error: BaseException) -> IngestorError:
    with pytest.raises(IngestorError) as caught, translated("http://influx"):
        raise error
    return caught.value


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_a_refusal_needs_a_person(status: int) -> None:
    error = raised(refusal(status))
    assert isinstance(error, StoreRefusedError)
    assert error.message == f"http://influx answered {status} to a question: no"


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 302])
def test_a_busy_server_is_asked_again(status: int) -> None:
    assert isinstance(raised(refusal(status)), StoreUnavailableError)


@pytest.mark.parametrize(("told", "wait_s"), [("12", 12.0), ("soon", None)])
def test_the_server_says_when_to_ask_again(told: str, wait_s: float | None) -> None:
    error = raised(refusal(503, **{"Retry-After": told}))
    assert isinstance(error, StoreUnavailableError)
    assert error.retry_after_s == wait_s


@pytest.mark.parametrize(
    "error",
    [
        FluxQueryException("runtime error", "1"),
        aiohttp.ClientConnectionError("refused"),
        TimeoutError(),
        OSError("no route"),
        FluxCsvParserException("no header"),
        ValueError("not a number"),
        KeyError("_value"),
    ],
)
def test_whatever_else_goes_wrong_may_pass(error: Exception) -> None:
    assert isinstance(raised(error), StoreUnavailableError)


def test_a_timeout_is_told_as_one() -> None:
    assert raised(TimeoutError()).message == "http://influx did not answer: no answer within the timeout"


def test_an_error_of_ours_stays_as_it_is() -> None:
    error = InvalidInputError("window")
    assert raised(error) is error


def test_the_cause_is_kept() -> None:
    cause = OSError("no route")
    assert raised(cause).__cause__ is cause


def test_a_cancellation_is_no_error() -> None:
    with pytest.raises(asyncio.CancelledError), translated("http://influx"):
        raise asyncio.CancelledError


def test_a_page_in_place_of_a_table_shows_no_name_of_a_python_error() -> None:
    message = raised(IndexError("list index out of range")).message
    assert message == "http://influx did not answer with a table, but as another program or a proxy would"
