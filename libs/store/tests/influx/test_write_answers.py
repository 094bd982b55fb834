"""What the answers to a write mean."""

from __future__ import annotations

import pytest
from ha_ingestor_store.influx.write_answers import (
    V1_ANSWERS,
    V2_ANSWERS,
    RefusalKey,
    Verdict,
    all_beyond_retention,
    judge,
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
        (400, Verdict.BAD_LINES),
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
    assert judge(V2_ANSWERS, 422, "partial write") is Verdict.BAD_LINES
    assert judge(V1_ANSWERS, 422, "partial write") is Verdict.TRY_AGAIN


def test_on_1_x_a_policy_that_is_not_there_needs_a_person_whatever_the_status() -> None:
    assert judge(V1_ANSWERS, 500, "retention policy not found: x") is Verdict.NEEDS_A_PERSON
    assert judge(V2_ANSWERS, 500, "retention policy not found: x") is Verdict.TRY_AGAIN


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"code":"invalid","message":"no such thing"}', "no such thing"),
        (b'{"error":"database not found"}', "database not found"),
        (b"<html>proxy</html>\n", "<html>proxy</html>"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"", ""),
        (b"[1]", "[1]"),
        (b"{}", "{}"),
        (b'{"message":5}', '{"message":5}'),
        (b"[" * 100_000, "[" * 500),
        (b'{"message":"' + b"x" * 2_000 + b'"}', "x" * 500),
    ],
)
def test_the_reason_is_read_from_whatever_comes(body: bytes, message: str) -> None:
    assert server_message(body) == message


@pytest.mark.parametrize(
    ("message", "key"),
    [
        ("partial write: points beyond retention policy dropped=1", RefusalKey.BEYOND_RETENTION),
        ('field type conflict: input field "value" is type string, already exists as float', RefusalKey.TYPE_CONFLICT),
        ("max key size exceeded: 65541 > 65535", RefusalKey.TOO_LARGE),
        ('input field "f" on measurement "m" is too long, 1048577 > 1048576 dropped=1', RefusalKey.TOO_LARGE),
        ("unable to parse 'm f=': missing field value", RefusalKey.MALFORMED),
        ("invalid field format", RefusalKey.MALFORMED),
        ("the moon is full", RefusalKey.OTHER),
    ],
)
def test_a_reason_has_a_key(message: str, key: RefusalKey) -> None:
    assert refusal_key(message) is key


@pytest.mark.parametrize(
    ("message", "lines", "all_of_them"),
    [
        ("points beyond retention policy dropped=100", 100, True),
        ("points beyond retention policy dropped=99", 100, False),
        ("points beyond retention policy", 100, False),
        ("field type conflict dropped=100", 100, False),
    ],
)
def test_only_a_batch_that_was_dropped_whole_for_its_age_is_given_up_whole(
    message: str, lines: int, all_of_them: bool
) -> None:
    assert all_beyond_retention(message, lines) is all_of_them
