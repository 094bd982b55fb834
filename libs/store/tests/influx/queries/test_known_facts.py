"""Facts that events name are looked up once, a bounded number of them is kept."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ha_ingestor_store.influx.entity_facts import NO_FACTS, FactsName
from ha_ingestor_store.influx.influxql.client import Row
from ha_ingestor_store.influx.influxql.statements import Question
from ha_ingestor_store.influx.queries import known_facts
from ha_ingestor_store.influx.queries.known_facts import KnownFacts
from ha_ingestor_store.points import FACTS, Facts


class Entities:
    """The points of `entities`; answers with those whose entity and hash a question names."""

    def __init__(self, *names: FactsName) -> None:
        self.names = names
        self.asked: list[Question] = []

    async def __call__(self, question: Question, *, writes: bool = False) -> list[Row]:
        self.asked.append(question)
        wanted = question.params.values()
        by_entity = re.search(r'"entity_id" =~ /(.*)/$', question.text)
        return [
            Row(0, {}, 0, {"home": home, "entity_id": entity_id, "facts": hashed, "unit": f"unit {hashed}"})
            for home, entity_id, hashed in self.names
            if (re.search(by_entity[1], entity_id or "") if by_entity else {entity_id or "", hashed} <= {*wanted})
        ]


def facts_over(entities: Entities) -> KnownFacts:
    return KnownFacts(entities)


def named(number: int, entity_id: str = "light.a") -> FactsName:
    return FactsName("home", entity_id, f"{number:011x}")


def told(name: FactsName) -> Facts:
    return tuple(f"unit {name.hash}" if field == "unit" else None for field in FACTS)


async def test_what_was_looked_up_is_not_asked_for_again() -> None:
    entities = Entities(named(1), named(2))
    facts = facts_over(entities)
    assert await facts.get([named(1), named(1), None]) == {named(1): told(named(1)), None: NO_FACTS}
    assert await facts.get([named(1)]) == {named(1): told(named(1)), None: NO_FACTS}
    assert len(entities.asked) == 1
    await facts.get([named(1), named(2)])
    assert list(entities.asked[1].params.values()) == ["light.a", named(2).hash]


async def test_nothing_is_asked_for_events_without_facts() -> None:
    entities = Entities()
    assert await facts_over(entities).get([None]) == {None: NO_FACTS}
    assert entities.asked == []


async def test_facts_that_the_store_lacks_are_none_and_asked_for_again() -> None:
    entities = Entities()
    facts = facts_over(entities)
    assert (await facts.get([named(1)]))[named(1)] == NO_FACTS
    entities.names = (named(1),)
    assert (await facts.get([named(1)]))[named(1)] == told(named(1))


async def test_a_few_names_are_asked_for_by_name_in_questions_of_some(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_facts, "_NAMES_A_QUESTION", 10)
    names = [named(n, f"light.{n}") for n in range(25)]
    entities = Entities(*names)
    found = await facts_over(entities).get(names)
    assert [found[name] for name in names] == list(map(told, names))
    assert len(entities.asked) == 3


async def test_many_names_are_asked_for_by_their_entities(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_facts, "_FEW_NAMES", 20)
    monkeypatch.setattr(known_facts, "_ENTITIES_A_QUESTION", 10)
    names = [FactsName("home", None, "0a"), *(named(n, f"light.{n}") for n in range(25))]
    entities = Entities(*names)
    found = await facts_over(entities).get(names)
    assert [found[name] for name in names] == list(map(told, names))
    assert [question.text.count("light") for question in entities.asked] == [0, 10, 10, 5]


@pytest.mark.parametrize(("limit", "room"), [("_SETS_KEPT", 10), ("_CHARACTERS_KEPT", 160)])
async def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch, limit: str, room: Any) -> None:
    monkeypatch.setattr(known_facts, limit, room)
    names = [named(n) for n in range(100)]
    facts = facts_over(Entities(*names))
    for name in names:
        assert (await facts.get([name]))[name] == told(name)
    assert len(facts._known) <= 10
