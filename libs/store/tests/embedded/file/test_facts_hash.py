"""The hash of a set of facts."""

from __future__ import annotations

from ha_ingestor_store.embedded.file.facts_hash import facts_hash


def test_a_missing_fact_differs_from_an_empty_one() -> None:
    assert len({facts_hash(None, "a"), facts_hash("", "a"), facts_hash("a", None), facts_hash("a", "")}) == 4


def test_a_later_fact_that_is_missing_leaves_the_hash_of_an_earlier_release() -> None:
    first = ("W", "A", None, None, None, "{}")
    assert facts_hash(*first) == facts_hash(*first, None, None, None) != facts_hash(*first, "Attic", None, None)
