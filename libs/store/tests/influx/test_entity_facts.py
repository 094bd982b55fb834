"""The names of sets of facts, and where their points lie."""

from __future__ import annotations

from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_store.influx.entity_facts import NO_FACTS, facts_hash, facts_in, facts_time_ns, without_attributes
from ha_ingestor_store.influx.schema import FACTS_TIME_NS
from ha_ingestor_store.points import FACTS, Facts
from hypothesis import given
from hypothesis import strategies as st

sets = st.tuples(*[st.one_of(st.none(), st.text())] * len(FACTS))


def test_the_name_of_a_set_is_the_same_in_every_release() -> None:
    assert facts_hash(("°C", *NO_FACTS[1:])) == "17583fe074f"


@given(sets)
def test_a_point_lies_in_one_hour_at_a_time_made_of_its_name(facts: Facts) -> None:
    offset = facts_time_ns(facts_hash(facts)) - FACTS_TIME_NS
    assert 0 <= offset < 3_600 * NS_PER_S
    assert f"{offset:011x}" == facts_hash(facts)


@given(sets, sets)
def test_sets_that_differ_have_names_that_differ(one: Facts, other: Facts) -> None:
    assert (facts_hash(one) == facts_hash(other)) == (one == other)


def test_texts_that_run_together_are_not_the_same() -> None:
    assert facts_hash(("a", "b", *NO_FACTS[2:])) != facts_hash(("ab", "", *NO_FACTS[2:]))
    assert facts_hash(("", *NO_FACTS[1:])) != facts_hash(NO_FACTS)


def test_a_set_is_read_back_from_the_fields_of_its_point() -> None:
    assert facts_in({"unit": "W", "labels": "", "facts": "0a"}) == tuple(
        {"unit": "W", "labels": ""}.get(name) for name in FACTS
    )


@given(sets)
def test_without_attributes_all_else_stays(facts: Facts) -> None:
    rest = dict(zip(FACTS, without_attributes(facts), strict=True))
    assert rest == dict(zip(FACTS, facts, strict=True)) | {"attributes": None}
