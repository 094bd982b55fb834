"""The messages kept for resuming, and filtering them."""

from __future__ import annotations

from typing import Any

import msgspec
from admin_api.stream.messages import MISSED, EventsMessages, MessageId, Wanted
from ha_ingestor_core.filters.live_filter import LiveFilter

EVERYTHING = Wanted()
LIGHTS = Wanted(LiveFilter(domain="light"))


def test_of_the_last_messages_a_bounded_number_is_kept(event: Any) -> None:
    kept = EventsMessages()
    ids = []
    for _ in range(300):
        kept.add([event()])
        ids.append(_last_id(kept))
    assert kept.after(ids[-1], EVERYTHING) == b""
    assert kept.after(ids[-2], EVERYTHING).count(b"data:") == 1
    assert kept.after(ids[59], EVERYTHING).count(b"data:") == 240
    assert kept.after(ids[58], EVERYTHING) == MISSED


def test_a_filter_leaves_its_events_and_their_order(event: Any) -> None:
    message = EventsMessages().add([event("light.a", "1"), event("sensor.b", "2"), event("light.c", "3")])
    text = message.text(LIGHTS)
    assert text is not None
    assert [each["state"] for each in msgspec.json.decode(text.partition(b"data: ")[2])] == ["1", "3"]
    assert text.startswith(b"id: ")


def test_a_message_is_one_line_of_data_however_the_attributes_were_written(event: Any) -> None:
    point = msgspec.structs.replace(event("light.a", "1"), attributes='{\r\n  "brightness": 5,\n\n  "name": "a\\nb"}')
    text = EventsMessages().add([point]).text(EVERYTHING)
    assert text is not None
    assert len(text.strip().splitlines()) == 3
    data = msgspec.json.decode(text.partition(b"data: ")[2])
    assert data[0]["attributes"] == {"brightness": 5, "name": "a\nb"}


def test_a_message_without_a_wanted_event_is_none(event: Any) -> None:
    assert EventsMessages().add([event("sensor.b")]).text(LIGHTS) is None


def test_a_replay_holds_the_wanted_events_alone(event: Any) -> None:
    kept = EventsMessages()
    kept.add([event("light.a")])
    first = _last_id(kept)
    kept.add([event("sensor.b")])
    kept.add([event("light.c")])
    assert kept.after(first, LIGHTS).count(b"light.c") == 1
    assert b"sensor.b" not in kept.after(first, LIGHTS)


def test_after_a_pause_what_came_before_it_is_unknown(event: Any) -> None:
    kept = EventsMessages()
    kept.add([event()])
    before = _last_id(kept)
    kept.forget()
    assert kept.after(before, EVERYTHING) == MISSED


def _last_id(kept: EventsMessages) -> MessageId | None:
    return MessageId.of(kept.id_line.decode().removeprefix("id: ").strip())
