"""The state of a home at the beginning of a connection."""

from __future__ import annotations

from typing import Any

import pytest
from ha_ingestor_core.events import Registries
from msgspec import Raw
from websocket_ingestion.states.home_state import read_home_state, registered_entities
from websocket_ingestion.states.snapshot import Snapshot

RUNNER: Any = None


def test_entities_that_are_disabled_have_no_history() -> None:
    entries = b'[{"entity_id":"a.b"},{"entity_id":"c.d","disabled_by":"user"},{"entity_id":"e.f","disabled_by":null},7]'
    assert registered_entities(Raw(entries)) == {"a.b", "e.f"}


@pytest.mark.parametrize("entities", [b"", b"7", b'{"a":1}', b"\xff"])
def test_a_registry_that_cannot_be_read_has_no_entities(entities: bytes) -> None:
    assert registered_entities(Raw(entities)) == frozenset()


def test_a_state_that_is_dated_ahead_says_nothing_about_the_time() -> None:
    snapshot = Snapshot([], {"a.b": 9, "c.d": 1})
    found = read_home_state(RUNNER, clock_ns=5, since=0.0, snapshot=snapshot, registries=Registries("home", "v"))
    assert found.now_ns == 5
