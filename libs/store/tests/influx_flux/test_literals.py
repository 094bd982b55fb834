"""Values as Flux literals."""

from __future__ import annotations

import pytest
from ha_ingestor_store.influx_flux import literals


@pytest.mark.parametrize(
    ("value", "literal"),
    [
        ("a", '"a"'),
        ('say "x"', r'"say \"x\""'),
        ("back\\", r'"back\\"'),
        ("${a}", r'"\${a}"'),
        ("\\${a}", r'"\\\${a}"'),
        ("line\nfeed\r\t\x00\x7f", r'"line\nfeed\r\t\x00\x7f"'),
        ("küche 😀", '"küche 😀"'),
    ],
)
def test_nothing_in_a_string_means_anything(value: str, literal: str) -> None:
    assert literals.string(value) == literal


@pytest.mark.parametrize(
    ("time_ns", "literal"),
    [
        (0, "1970-01-01T00:00:00.000000000Z"),
        (-1, "1969-12-31T23:59:59.999999999Z"),
        (1_795_478_400_123_456_789, "2026-11-24T00:00:00.123456789Z"),
        (-9_214_560_000_000_000_000, "1678-01-01T00:00:00.000000000Z"),
    ],
)
def test_times_keep_their_nanoseconds(time_ns: int, literal: str) -> None:
    assert literals.time(time_ns) == literal
