"""What the answers to a write mean."""

from __future__ import annotations

import pytest
from ha_ingestor_store.influx.server.write_answers import (
    V1_ANSWERS,
    V2_ANSWERS,
    RefusalKey,
    Verdict,
    all_beyond_retention,
    judge,
    quoted,
    refusal_key,
    server_message,
)


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (200, Verdict.TRY_AGAIN),
        (202, Verdict.TRY_AGAIN),
        (204, Verdict.WRITTEN),
        (302, Verdict.TRY_AGAIN),
        (400, Verdict.UNKNOWN),
        (401, Verdict.NEEDS_A_PERSON),
        (403, Verdict.NEEDS_A_PERSON),
        (404, Verdict.NEEDS_A_PERSON),
        (413, Verdict.TOO_LARGE),
        (429, Verdict.TRY_AGAIN),
        (500, Verdict.TRY_AGAIN),
        (503, Verdict.TRY_AGAIN),
    ],
)
def test_both_versions_mean_the_same_by(status: int, verdict: Verdict) -> None:
    assert judge(V1_ANSWERS, status, "why") is judge(V2_ANSWERS, status, "why") is verdict


def test_only_2_x_drops_lines_with_422() -> None:
    message = "failure writing points to database: partial write: field type conflict: input field"
    assert judge(V2_ANSWERS, 422, message) is Verdict.BAD_LINES
    assert judge(V1_ANSWERS, 422, message) is Verdict.TRY_AGAIN


@pytest.mark.parametrize(
    "message",
    [
        'partial write: max-values-per-tag limit exceeded (3/3): measurement="m" tag="t" value="v4" dropped=1',
        "partial write: max-series-per-database limit exceeded: (5) dropped=1",
    ],
)
def test_a_limit_of_the_server_is_no_fault_of_a_line(message: str) -> None:
    assert judge(V1_ANSWERS, 400, message) is Verdict.SERVER_LIMIT


@pytest.mark.parametrize(
    "message",
    [
        "Client sent an HTTP request to an HTTPS server.",
        "400 Bad Request 400 Bad Request The plain HTTP request was sent to HTTPS port nginx/1.22.1",
        "unexpected EOF",
        "gzip: invalid header",
        "",
    ],
)
def test_what_proxies_and_ports_say_is_of_no_known_form(message: str) -> None:
    assert judge(V1_ANSWERS, 400, message) is judge(V2_ANSWERS, 422, message) is Verdict.UNKNOWN


def test_on_1_x_a_policy_that_is_not_there_needs_a_person_whatever_the_status() -> None:
    assert judge(V1_ANSWERS, 500, "retention policy not found: x") is Verdict.NEEDS_A_PERSON
    assert judge(V2_ANSWERS, 500, "retention policy not found: x") is Verdict.TRY_AGAIN


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"code":"invalid","message":"no such thing"}', "no such thing"),
        (b'{"error":"database not found"}', "database not found"),
        (b"<html><style>b { x }</style><h1>400 Bad\n Request</h1>proxy</html>\n", "400 Bad Request proxy"),
        (b"<>", "<>"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"", ""),
        (b"[1]", "[1]"),
        (b"{}", "{}"),
        (b'{"message":5}', '{"message":5}'),
        (b"[" * 100_000, "[" * 100_000),
        (b'{"message":"' + b"x" * 2_000 + b'"}', "x" * 2_000),
    ],
)
def test_the_reason_is_read_from_whatever_comes(body: bytes, message: str) -> None:
    assert server_message(body) == message


def test_a_reason_is_quoted_in_a_length_that_can_be_read() -> None:
    assert quoted("x" * 500) == "x" * 500
    assert quoted("x" * 501) == "x" * 499 + "…"


PREFIX = "failure writing points to database: partial write: "
RETENTION_OF_2_7 = (
    f"{PREFIX}dropped 2 points outside retention policy of duration 24h0m0s - oldest point m at 1970-01-01T00:00:01 "
    f"dropped because it violates a Retention Policy Lower Bound at 2026-11-29T00:31:44.852222199Z, newest {'x' * 500} "
    "dropped=3 for database: 011ae7c5d0e1aca0 for retention policy: autogen"
)


@pytest.mark.parametrize(
    ("message", "key"),
    [
        ("partial write: points beyond retention policy dropped=1", RefusalKey.BEYOND_RETENTION),
        (RETENTION_OF_2_7, RefusalKey.BEYOND_RETENTION),
        ('partial write: field type conflict: input field "f" on measurement "m" is …', RefusalKey.TYPE_CONFLICT),
        (f'{PREFIX}field type conflict: input field "f" on measurement "m" is type …', RefusalKey.TYPE_CONFLICT),
        ("unable to parse 'm,t=x g=1 1': max key length exceeded: 70004 > 65535", RefusalKey.TOO_LARGE),
        ("partial write: max key length exceeded: 70010 > 65535 dropped=0", RefusalKey.TOO_LARGE),
        (f'{PREFIX}input field "g" on measurement "m" is too long, 1100000 > 1048576 …', RefusalKey.TOO_LARGE),
        ("unable to parse 'm f=': missing field value", RefusalKey.MALFORMED),
        ("partial write: unable to parse 'm,t=v1 f=NaN 1': invalid number dropped=0", RefusalKey.MALFORMED),
        ('partial write: invalid tag key: input tag "time" on measurement "m" is invalid …', RefusalKey.MALFORMED),
        ("the moon is full", RefusalKey.OTHER),
        ("invalid", RefusalKey.OTHER),
    ],
)
def test_a_reason_has_a_key(message: str, key: RefusalKey) -> None:
    assert refusal_key(message) is key


@pytest.mark.parametrize("told", ["points beyond retention policy", "field type conflict: ", "max-series-per-database"])
def test_what_a_line_says_is_no_reason_of_the_server(told: str) -> None:
    assert refusal_key(f"unable to parse 'm f=\"{told}\"': invalid field format") is RefusalKey.MALFORMED
    assert refusal_key(f"nobody knows {told}") is RefusalKey.OTHER


@pytest.mark.parametrize(
    ("message", "lines", "all_of_them"),
    [
        ("partial write: points beyond retention policy dropped=100", 100, True),
        ("partial write: points beyond retention policy dropped=99", 100, False),
        ("partial write: points beyond retention policy", 100, False),
        ("partial write: field type conflict: dropped=100", 100, False),
        (RETENTION_OF_2_7, 2, True),
        (RETENTION_OF_2_7, 3, False),
    ],
)
def test_only_a_batch_that_was_dropped_whole_for_its_age_is_given_up_whole(
    message: str, lines: int, all_of_them: bool
) -> None:
    assert all_beyond_retention(message, lines) is all_of_them


def test_an_answer_without_a_text_is_quoted_as_such() -> None:
    assert quoted(server_message(b"")) == "no reason was given"
