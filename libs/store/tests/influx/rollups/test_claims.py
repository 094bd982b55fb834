"""Claims of other processes: what they open for readers, when the keeper heeds them, and what they hold on to."""

from __future__ import annotations

import msgspec
import pytest
from ha_ingestor_store.influx.rollups.claims import (
    ABANDONED_NS,
    Claim,
    claimed,
    encode_claim,
    heeded,
    late_from_ns,
    read_claims,
    released,
    with_claims,
)
from ha_ingestor_store.influx.rollups.progress import NO_PROGRESS, Progress, Windows
from ha_ingestor_store.influx.schema import Family
from ha_ingestor_store.time_range import DAY_NS, HOUR_NS

MARK = 10 * DAY_NS
PROGRESS = Progress(services={HOUR_NS: Windows(MARK), DAY_NS: Windows(MARK)}, announced_ns=MARK)
HOUR = (5 * HOUR_NS, 6 * HOUR_NS)
HELD = Claim(1, True, 1_000, (HOUR,))


def open_hours(progress: Progress) -> tuple[tuple[int, int], ...]:
    return progress.services[HOUR_NS].open


def test_a_claim_survives_its_text_and_the_keeper_makes_none() -> None:
    texts = {"rollups": "anything", "admin-api a": encode_claim(HELD)}
    assert read_claims(texts, "rollups") == {"admin-api a": HELD}


def test_a_claim_that_cannot_be_read_is_an_error() -> None:
    with pytest.raises(msgspec.MsgspecError):
        read_claims({"other": "{"}, "rollups")


def test_late_reports_claim_their_hours() -> None:
    claim = claimed(Claim(), PROGRESS, "a", [5 * HOUR_NS, 6 * HOUR_NS - 1, 8 * HOUR_NS], 77)
    assert claim == Claim(1, True, 77, (HOUR, (8 * HOUR_NS, 9 * HOUR_NS)))


def test_a_claim_that_was_not_heeded_keeps_its_hours_in_the_next() -> None:
    claim = claimed(HELD, PROGRESS, "a", [8 * HOUR_NS], 77)
    assert claim.ranges == (HOUR, (8 * HOUR_NS, 9 * HOUR_NS))
    assert claim.number == 2


def test_what_was_heeded_is_not_claimed_again() -> None:
    seen = msgspec.structs.replace(PROGRESS, seen={"a": 1})
    assert claimed(HELD, seen, "a", [8 * HOUR_NS], 77).ranges == ((8 * HOUR_NS, 9 * HOUR_NS),)


def test_letting_go_is_a_change_of_its_own() -> None:
    assert released(HELD) == Claim(2, False, 1_000, (HOUR,))


def test_reports_are_late_behind_what_was_announced_or_closed() -> None:
    assert late_from_ns(NO_PROGRESS) == 0
    assert late_from_ns(msgspec.structs.replace(PROGRESS, announced_ns=MARK + HOUR_NS)) == MARK + HOUR_NS
    assert late_from_ns(msgspec.structs.replace(PROGRESS, announced_ns=0)) == MARK


@pytest.mark.parametrize("claim", [HELD, released(HELD)])
def test_readers_trust_no_hour_of_a_claim_before_the_keeper_has_heeded_it(claim: Claim) -> None:
    seen_by_reader = with_claims(PROGRESS, {"a": claim})
    assert open_hours(seen_by_reader) == (HOUR,)
    assert seen_by_reader.services[DAY_NS].open == ((0, DAY_NS),)
    heeded_already = msgspec.structs.replace(PROGRESS, seen={"a": claim.number})
    assert with_claims(heeded_already, {"a": claim}) == heeded_already


def test_a_held_claim_is_not_heeded_yet() -> None:
    assert heeded(PROGRESS, {"a": HELD}, HELD.since_ns + ABANDONED_NS) == PROGRESS


def test_a_claim_that_was_let_go_is_heeded_once() -> None:
    once = heeded(PROGRESS, {"a": released(HELD)}, 0)
    assert open_hours(once) == (HOUR,)
    assert once.seen == {"a": 2}
    closed = once.changed(Family.SERVICES, {HOUR_NS: Windows(MARK)})
    assert heeded(closed, {"a": released(HELD)}, 0) == closed


def test_a_claim_that_its_owner_abandoned_is_heeded_in_the_end() -> None:
    after = heeded(PROGRESS, {"a": HELD}, HELD.since_ns + ABANDONED_NS + 1)
    assert open_hours(after) == (HOUR,)


def test_claims_of_several_owners_are_heeded_together() -> None:
    other = Claim(7, False, 0, ((9 * HOUR_NS, 10 * HOUR_NS),))
    after = heeded(PROGRESS, {"a": released(HELD), "b": other, "c": HELD}, 0)
    assert open_hours(after) == (HOUR, (9 * HOUR_NS, 10 * HOUR_NS))
    assert after.seen == {"a": 2, "b": 7}
