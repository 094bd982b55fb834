"""Names are looked up once, and lists do not depend on the store."""

from __future__ import annotations

from typing import Any

from admin_api.events.entity_names import EntityNames
from ha_ingestor_core.clock import FakeClock
from ha_ingestor_core.errors import StoreUnavailableError
from ha_ingestor_store.answers import KnownEntity

POWER = ("home", "sensor.power")


class Reader:
    def __init__(self) -> None:
        self.asked = 0
        self.error: Exception | None = None

    async def known_entities(self, question: Any) -> list[KnownEntity]:
        self.asked += 1
        if self.error is not None:
            raise self.error
        return [KnownEntity("home", question.entity_id, 0, "1", False, friendly_name=f"Name {self.asked}")]


async def test_a_name_is_looked_up_once_in_ten_minutes() -> None:
    reader, clock = Reader(), FakeClock()
    names = EntityNames(reader=reader, clock=clock)  # type: ignore[arg-type]
    assert await names.of([POWER]) == await names.of([POWER]) == {POWER: "Name 1"}
    clock.advance(601)
    assert await names.of([POWER]) == {POWER: "Name 2"}


async def test_without_the_store_there_are_no_names_and_they_are_looked_up_again() -> None:
    reader = Reader()
    names = EntityNames(reader=reader, clock=FakeClock())  # type: ignore[arg-type]
    reader.error = StoreUnavailableError("away")
    assert await names.of([POWER]) == {POWER: None}
    reader.error = None
    assert await names.of([POWER]) == {POWER: "Name 2"}
