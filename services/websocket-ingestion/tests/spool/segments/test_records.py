"""Records: there and back, and what is stepped over."""

from __future__ import annotations

from ha_ingestor_core.events import OriginKind, RawEvent
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw
from websocket_ingestion.spool.segments.records import (
    MAGIC,
    OVERHEAD,
    SEAL_SIZE,
    Seal,
    decode_seal,
    encode,
    encode_seal,
    lost_in,
    scan,
)

EVENTS = [RawEvent(Raw(b'{"n":%d}' % n), n, kind) for n, kind in enumerate(OriginKind, 7)]
SEAL = Seal(12, 3, 21)
FILE = MAGIC + encode(EVENTS, 10) + encode_seal(SEAL)
RECORD = OVERHEAD + len(EVENTS[0].event)


def test_events_come_back_with_their_numbers() -> None:
    found = scan(FILE, first_id=10, last_id=12)
    assert found.events == list(enumerate(EVENTS, 10))
    assert (found.seal, found.holes, found.bad_bytes, found.torn_bytes) == (SEAL, [], 0, 0)


def test_a_seal_is_found_at_the_end_of_a_file() -> None:
    assert decode_seal(FILE[-SEAL_SIZE:]) == SEAL
    assert decode_seal(FILE[-SEAL_SIZE - 1 : -1]) is None
    assert decode_seal(b"") is None


@given(st.integers(0, len(FILE) - 1), st.integers(1, 255))
def test_a_wrong_byte_costs_one_event_at_most_and_is_noticed(at: int, change: int) -> None:
    data = bytearray(FILE)
    data[at] ^= change
    found = scan(bytes(data), first_id=10, last_id=12)
    missing = [numbered for numbered in enumerate(EVENTS, 10) if numbered not in found.events]
    assert len(missing) <= 1
    assert lost_in(found.holes, 0) == len(missing)
    assert found.bad_bytes or found.seal is None or at < len(MAGIC)


@given(st.integers(0, RECORD - 1))
def test_a_record_that_was_not_written_to_its_end_is_torn_and_no_damage(cut: int) -> None:
    whole = MAGIC + encode(EVENTS[:2], 10)
    found = scan(whole + encode(EVENTS[2:], 12)[:cut], first_id=10, last_id=11, may_hold_more=True)
    assert (len(found.events), found.holes, found.bad_bytes, found.torn_bytes) == (2, [], 0, cut)


def test_zeros_at_the_end_are_what_a_power_cut_leaves() -> None:
    found = scan(MAGIC + encode(EVENTS, 10) + bytes(100), first_id=10, last_id=12)
    assert (len(found.events), found.bad_bytes, found.torn_bytes) == (3, 0, 100)


def test_a_file_that_ends_too_early_has_a_hole() -> None:
    assert scan(MAGIC + encode(EVENTS, 10), first_id=10, last_id=15).holes == [(13, 15)]


def test_a_foreign_file_holds_nothing() -> None:
    found = scan(b"#!/bin/sh\n", first_id=10, last_id=12)
    assert (found.events, found.seal, found.holes) == ([], None, [(10, 12)])


def test_what_a_failed_write_left_beyond_the_last_number_is_left_out() -> None:
    assert [number for number, _ in scan(FILE, first_id=10, last_id=11).events] == [10, 11]


def test_only_numbers_that_were_not_acknowledged_are_lost() -> None:
    assert lost_in([(1, 4), (8, 8)], after=0) == 5
    assert lost_in([(1, 4), (8, 8)], after=3) == 2
    assert lost_in([(1, 4), (8, 8)], after=8) == 0
