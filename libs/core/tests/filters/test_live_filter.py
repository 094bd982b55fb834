"""Which events the stream and the tap let pass."""

from __future__ import annotations

import pytest
from ha_ingestor_core.filters.live_filter import EVERY_EVENT, LiveFilter

EVENT = ("home", "state_changed", "light", "light.kitchen", "Kitchen")
WITHOUT_ENTITY = ("home", "call_service", None, None, None)


def test_without_a_filter_every_event_passes() -> None:
    assert EVERY_EVENT.matcher()(*EVENT)
    assert EVERY_EVENT.matcher()(*WITHOUT_ENTITY)


@pytest.mark.parametrize(
    ("wanted", "passes"),
    [
        (LiveFilter(entity_id="light.*"), True),
        (LiveFilter(entity_id="light.kitche?"), True),
        (LiveFilter(entity_id="light.kitchen"), True),
        (LiveFilter(entity_id="Light.*"), False),
        (LiveFilter(entity_id="ight.*"), False),
        (LiveFilter(entity_id="light.[k]itchen"), False),
        (LiveFilter(domain="light"), True),
        (LiveFilter(domain="switch"), False),
        (LiveFilter(event_type="call_service"), False),
        (LiveFilter(area="Kitchen"), True),
        (LiveFilter(area="kitchen"), False),
        (LiveFilter(home="home"), True),
        (LiveFilter(home="cabin"), False),
        (LiveFilter(entity_id="light.*", area="Attic"), False),
    ],
)
def test_every_condition_has_to_hold(wanted: LiveFilter, passes: bool) -> None:
    assert wanted.matcher()(*EVENT) is passes


@pytest.mark.parametrize("wanted", [LiveFilter(entity_id="*"), LiveFilter(domain="light"), LiveFilter(area="Kitchen")])
def test_an_event_without_an_entity_passes_no_condition_on_it(wanted: LiveFilter) -> None:
    assert not wanted.matcher()(*WITHOUT_ENTITY)
