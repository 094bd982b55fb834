"""Computes what must be stored from the events of the home, and compares it with the store."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from ha_ingestor_core.clock import datetime_to_ns, ns_to_rfc3339
from ha_ingestor_core.events import STATE_CHANGED, OriginKind
from ha_ingestor_store.points import EventPoint, RejectedEvent, key_digits
from msgspec import Struct

from tests.faults.home import Fired

Key = tuple[str, str | None, int]
"""Event type, entity and time in nanoseconds."""


class Expected(Struct, frozen=True):
    """An event as it must be stored."""

    key: Key
    fired: Fired
    state: str | None = None
    old_state: str | None = None
    attributes: dict[str, Any] | None = None
    data: dict[str, Any] | None = None
    context_id: str | None = None
    removed: bool = False

    def __str__(self) -> str:
        event_type, entity_id, time_ns = self.key
        what = f"{event_type} of {entity_id} at {ns_to_rfc3339(time_ns)}"
        return f"{what} ({time_ns}), fired at {self.fired.at:.3f}: {self.state!r} {self.data or ''}"

    @property
    def is_state_change(self) -> bool:
        """Whether it is in Home Assistant's history."""
        return self.key[0] == STATE_CHANGED


Excuse = Callable[[Expected], str | None]
"""The reason why an event may be missing; None if it must be stored."""


def key_in(body: bytes) -> Key:
    """Return the key of an event, live or from a snapshot; raises KeyError if it is not part of the snapshot."""
    event = json.loads(body)
    event_type, data = event["event_type"], event["data"]
    if event_type != STATE_CHANGED:
        text = body[body.index(b'"data":') + 7 : body.rindex(b',"origin":')]
        digits = key_digits(event["context"]["id"].encode() + text)
        return (event_type, data.get("entity_id"), _time_ns(event["time_fired"]) + digits)
    new = data["new_state"]
    if new is None:
        return (event_type, data["entity_id"], _time_ns(event["time_fired"]) + key_digits(b""))
    return (event_type, data["entity_id"], _time_ns(new["last_updated"]) + key_digits(new["state"].encode()))


def expected(fired: Fired) -> Expected:
    """Return what must be stored for a sent event."""
    key, event = key_in(fired.body), json.loads(fired.body)
    data, context_id = event["data"], event["context"]["id"]
    if event["event_type"] != STATE_CHANGED:
        return Expected(key, fired, data=data, context_id=context_id)
    old, new = data["old_state"], data["new_state"]
    old_state = old["state"] if old else None
    if new is None:
        return Expected(key, fired, old_state=old_state, context_id=context_id, removed=True)
    return Expected(key, fired, new["state"], old_state, new["attributes"], context_id=new["context"]["id"])


class Verdict(Struct):
    """The errors, one line each, and the number of excused events by reason."""

    wrong: list[str]
    excused: Counter[str]
    found: int


def judge(
    fired: Iterable[Fired], points: Sequence[EventPoint], rejected: Sequence[RejectedEvent], excuse: Excuse
) -> Verdict:
    """Check that each event is stored once and correctly, rejected or excused, and that nothing else is stored."""
    wanted = {each.key: each for each in map(expected, fired)}
    stored = Counter(map(key_of, points))
    wrong = [f"stored {count} times: {key}" for key, count in stored.items() if count > 1]
    wrong += [f"never happened: {point}" for point in points if key_of(point) not in wanted]
    for point in points:
        if (want := wanted.get(key_of(point))) and (difference := _difference(want, point)):
            wrong.append(f"changed: {difference}: {point} instead of {want}")
    refused = [event for event in rejected if event.message]
    excused: Counter[str] = Counter()
    for key, want in wanted.items():
        if key in stored or any(_holds(event, want) for event in refused):
            continue
        if reason := excuse(want):
            excused[reason] += 1
        else:
            wrong.append(f"lost: {want}")
    return Verdict(wrong, excused, len(points))


def key_of(point: EventPoint) -> Key:
    """Return the key of a stored point."""
    return (point.event_type, point.entity_id, point.time_ns)


def _difference(want: Expected, point: EventPoint) -> str | None:
    found: dict[str, Any] = {"state": point.state, "removed": point.removed}
    right: dict[str, Any] = {"state": want.state, "removed": want.removed}
    for name in ("attributes", "data"):
        text = getattr(point, name)
        found[name], right[name] = text and json.loads(text), getattr(want, name)
        if text and point.origin_kind is not OriginKind.BACKFILL and text.encode() not in want.fired.body:
            return f"{name} are not the text that was sent"
    if point.origin_kind is OriginKind.LIVE:
        found |= {"old_state": point.old_state, "context_id": point.context_id}
        right |= {"old_state": want.old_state, "context_id": want.context_id}
    return next((name for name in right if found[name] != right[name]), None)


def _holds(rejected: RejectedEvent, want: Expected) -> bool:
    return want.context_id is not None and want.context_id in rejected.payload


def _time_ns(text: str) -> int:
    return datetime_to_ns(datetime.fromisoformat(text))
