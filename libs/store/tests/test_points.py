"""Keys and ids of points."""

from __future__ import annotations

from ha_ingestor_store.points import EventPoint, event_id, key_digits
from hypothesis import given
from hypothesis import strategies as st


@given(st.binary())
def test_key_digits_fit_below_the_microsecond(identity: bytes) -> None:
    assert 0 <= key_digits(identity) <= 999
    assert key_digits(identity) == key_digits(bytes(identity))


def test_key_digits_tell_usual_states_apart() -> None:
    states = [b"on", b"off", b"unavailable", b"unknown", b"open", b"closed", b"home", b"not_home"]
    assert len({key_digits(state) for state in states}) == len(states)


def test_an_id_is_made_of_the_key_alone() -> None:
    point = EventPoint(home="home", event_type="state_changed", time_ns=17, domain="light", entity_id="light.a")
    renamed = EventPoint(
        home="home", event_type="state_changed", time_ns=17, domain="light", entity_id="light.a", area="Küche"
    )
    elsewhere = EventPoint(home="home", event_type="state_changed", time_ns=17, domain="light", entity_id="light.b")
    assert event_id(point.series_key, 17) == event_id(renamed.series_key, 17)
    assert event_id(point.series_key, 17) != event_id(elsewhere.series_key, 17)
    assert event_id(point.series_key, 17) != event_id(point.series_key, 18)


def test_a_missing_tag_is_not_an_empty_one() -> None:
    assert event_id(("h", "t", None, "x"), 1) != event_id(("h", "t", "x", None), 1)
