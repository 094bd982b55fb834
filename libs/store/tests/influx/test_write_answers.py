"""What an answer to a write means, version by version."""

from __future__ import annotations

import pytest
from ha_ingestor_store.influx.write_answers import (
    V1_ANSWERS,
    V2_ANSWERS,
    RefusalKey,
    Verdict,
    WriteAnswers,
    all_beyond_retention,
    judge,
    refusal_key,
    server_message,
)


@pytest.mark.parametrize(
    ("answers", "status", "message", "verdict"),
    [
        (V1_ANSWERS, 204, "", Verdict.WRITTEN),
        (V2_ANSWERS, 204, "", Verdict.WRITTEN),
        (V1_ANSWERS, 400, "partial write", Verdict.BAD_LINES),
        (V2_ANSWERS, 400, "unable to parse", Verdict.BAD_LINES),
        (V2_ANSWERS, 422, "partial write", Verdict.BAD_LINES),
        (V1_ANSWERS, 422, "", Verdict.TRY_AGAIN),
        (V2_ANSWERS, 413, "", Verdict.TOO_LARGE),
        (V2_ANSWERS, 401, "", Verdict.NEEDS_A_PERSON),
        (V1_ANSWERS, 404, "database not found", Verdict.NEEDS_A_PERSON),
        (V1_ANSWERS, 500, "retention policy not found: x", Verdict.NEEDS_A_PERSON),
        (V2_ANSWERS, 500, "overload", Verdict.TRY_AGAIN),
        (V2_ANSWERS, 429, "", Verdict.TRY_AGAIN),
        (V2_ANSWERS, 503, "", Verdict.TRY_AGAIN),
    ],
)
def test_every_answer_has_one_meaning(answers: WriteAnswers, status: int, message: str, verdict: Verdict) -> None:
    assert judge(answers, status, message) is verdict


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"code":"invalid","message":"why"}', "why"),
        (b'{"error":"why"}', "why"),
        (b"<html>proxy</html>", "<html>proxy</html>"),
        (b"\xff", "\ufffd"),
    ],
)
def test_the_reason_is_found_wherever_it_stands(body: bytes, message: str) -> None:
    assert server_message(body) == message


@pytest.mark.parametrize(
    ("message", "key"),
    [
        ("partial write: field type conflict: input field", RefusalKey.TYPE_CONFLICT),
        ("partial write: points beyond retention policy dropped=2", RefusalKey.BEYOND_RETENTION),
        ("unable to parse 'x': invalid number", RefusalKey.MALFORMED),
        ("partial write: max key length exceeded", RefusalKey.TOO_LARGE),
        ('partial write: input field "s" is too long, 1100000 > 1048576 dropped=1', RefusalKey.TOO_LARGE),
        ("who knows", RefusalKey.OTHER),
    ],
)
def test_reasons_have_stable_keys(message: str, key: RefusalKey) -> None:
    assert refusal_key(message) is key


def test_only_a_whole_batch_beyond_retention_needs_no_halving() -> None:
    message = "partial write: points beyond retention policy dropped=5"
    assert all_beyond_retention(message, 5)
    assert not all_beyond_retention(message, 6)
    assert not all_beyond_retention("partial write: field type conflict dropped=5", 5)
