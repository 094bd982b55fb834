"""Contexts have the format of Home Assistant and name their parents."""

from __future__ import annotations

from random import Random

from ha_ingestor.demo_home.contexts import ContextFactory

TIME_NS = 1_795_421_276_390_000_000  # of the context 01M83Q5276… in the recorded session


def test_id_is_a_ulid_that_begins_with_its_time() -> None:
    context = ContextFactory(Random(1)).new(TIME_NS)
    assert len(context.id) == 26
    assert context.id.startswith("01M83Q5276")


def test_ids_of_one_moment_differ() -> None:
    contexts = ContextFactory(Random(1))
    assert len({contexts.new(TIME_NS).id for _ in range(100)}) == 100


def test_child_names_its_parent() -> None:
    contexts = ContextFactory(Random(1))
    parent = contexts.new(TIME_NS)
    assert contexts.new(TIME_NS, parent=parent).parent_id == parent.id
