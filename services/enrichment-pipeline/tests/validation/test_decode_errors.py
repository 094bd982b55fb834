"""Problems by key, field and expected value."""

from __future__ import annotations

import msgspec
import pytest
from enrichment_pipeline.validation.decode_errors import DECODE_ERRORS, RejectionKey, explain
from ha_ingestor_core.events import EventBatch, decode_event, decode_state_change
from msgspec import Raw

_TIME = b'"2026-11-23T08:07:54Z"'


@pytest.mark.parametrize(
    ("event", "key", "message"),
    [
        (b"", "malformed", "event must be JSON, got Input data was truncated"),
        (b'"a frame that was no JSON"', "malformed", "event must be an object, got a string"),
        (b"{}", "missing_field", "event_type is missing"),
        (b'{"event_type":1}', "wrong_type", "event_type must be a string, got an integer"),
        (b'{"event_type":"\xff"}', "malformed", "event must be UTF-8, got b'\\xff'"),
        (
            b'{"event_type":"x","time_fired":"2026-11-23T08:07:54"}',
            "time_without_offset",
            "time_fired must be an RFC",
        ),
        (b'{"event_type":"x","time_fired":"2026-13-23T08:07:54Z"}', "invalid_time", "time_fired must be an RFC 3339"),
        (b'{"event_type":"x","time_fired":3}', "wrong_type", "time_fired must be a time, got an integer"),
        (
            b'{"event_type":"x","time_fired":' + _TIME + b',"context":{"id":3}}',
            "wrong_type",
            "context.id must be a string or null, got an integer",
        ),
    ],
)
def test_events_that_cannot_be_read(event: bytes, key: str, message: str) -> None:
    with pytest.raises(DECODE_ERRORS) as caught:
        decode_event(event)
    found = explain(caught.value, "event")
    assert (found.key, found.message[: len(message)]) == (key, message)


@pytest.mark.parametrize(
    ("data", "key", "field"),
    [
        (b"[]", "wrong_type", "data"),
        (b"{}", "missing_field", "data.entity_id"),
        (b'{"entity_id":"a.b"}', "missing_field", "data.new_state"),
        (b'{"entity_id":"a.b","new_state":{"entity_id":"a.b","state":3}}', "wrong_type", "data.new_state.state"),
        (
            b'{"entity_id":"a.b","new_state":{"entity_id":"a.b","state":"3"}}',
            "missing_field",
            "data.new_state.last_updated",
        ),
    ],
)
def test_state_changes_that_cannot_be_read(data: bytes, key: str, field: str) -> None:
    with pytest.raises(DECODE_ERRORS) as caught:
        decode_state_change(Raw(data))
    found = explain(caught.value, "data")
    assert (found.key, found.field) == (key, field)


def test_deep_nesting_has_its_own_message() -> None:
    with pytest.raises(RecursionError) as caught:
        decode_event(b'{"data":' + b"[" * 1_000_000)
    assert explain(caught.value, "event").key is RejectionKey.MALFORMED


def test_a_batch_names_the_index_of_the_event() -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.json.decode(b'{"home":"h","events":[{"event":{},"received_ns":"x"}]}', type=EventBatch)
    assert explain(caught.value, "body").field == "events[0].received_ns"


def test_a_value_outside_a_vocabulary_is_named() -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.json.decode(b'{"home":"h","events":[{"event":{},"received_ns":1,"kind":"x"}]}', type=EventBatch)
    assert explain(caught.value, "body").message == "events[0].kind: Invalid enum value 'x'"
