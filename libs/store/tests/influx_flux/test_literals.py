"""Values as Flux literals."""

from __future__ import annotations

import pytest
from ha_ingestor_store.influx.schema import MAX_TIME_NS, MIN_TIME_NS
from ha_ingestor_store.influx_flux.literals import duration, regex, string, strings, time
from ha_ingestor_store.time_range import DAY_NS, MINUTE_NS
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("", '""'),
        ("light.küche 😀", '"light.küche 😀"'),
        ('quo"te', '"quo\\"te"'),
        ("back\\slash\\", '"back\\\\slash\\\\"'),
        ("a\nb\rc\td", '"a\\nb\\rc\\td"'),
        ("\x00\x1b\x7f", '"\\x00\\x1b\\x7f"'),
        ("${secret}", '"\\x24{secret}"'),
        ('$"', '"\\x24\\""'),
        ("$${a}$", '"\\x24\\x24{a}\\x24"'),
        ("/[.*]'%", '"/[.*]\'%"'),
    ],
)
def test_nothing_in_a_string_means_anything(value: str, text: str) -> None:
    assert string(value) == text


@given(st.text(st.characters() | st.sampled_from('"\\${}\n')))
def test_a_string_ends_at_its_last_quote(value: str) -> None:
    inner = string(value)[1:-1]
    unescaped = inner.replace("\\\\", "").replace('\\"', "")
    assert '"' not in unescaped
    assert "$" not in inner
    assert not any(ord(char) < 0x20 for char in inner)
    assert not unescaped.endswith("\\")


@pytest.mark.parametrize(
    ("time_ns", "text"),
    [
        (0, "1970-01-01T00:00:00.000000000Z"),
        (1_795_000_000_123_456_789, "2026-11-18T11:06:40.123456789Z"),
        (-1, "1969-12-31T23:59:59.999999999Z"),
        (MIN_TIME_NS, "1678-01-01T00:00:00.000000000Z"),
        (MAX_TIME_NS, "2262-01-01T00:00:00.000000000Z"),
    ],
)
def test_a_time_is_exact_to_the_nanosecond(time_ns: int, text: str) -> None:
    assert time(time_ns) == text


def test_a_duration_is_in_minutes() -> None:
    assert (duration(MINUTE_NS), duration(7 * DAY_NS)) == ("1m", "10080m")


def test_an_expression_and_an_array() -> None:
    assert regex("^a\\/b$") == "/^a\\/b$/"
    assert strings(("a", 'b"')) == '["a", "b\\""]'
    assert strings(()) == "[]"
