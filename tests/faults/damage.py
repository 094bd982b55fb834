"""Damages the spool as a failing disk does, and records which events are no longer readable."""

from __future__ import annotations

from ha_ingestor_core.events import RawEvent
from websocket_ingestion.spool.segments import records
from websocket_ingestion.spool.segments.cursor import Cursor

from tests.faults.oracle import key_in
from tests.faults.world import World

_ANY_ID = 2**62


def damage_spool(world: World) -> None:
    """Overwrite a page or a few bytes in a part of the spool with unacknowledged events."""
    cursor, _ = Cursor.open(world.spool / "cursor")
    acknowledged = cursor.position.acknowledged if cursor.position else 0
    durable = cursor.position.durable if cursor.position else 0
    cursor.close()
    waiting = [path for path in sorted(world.spool.glob("*.events")) if _events(path.read_bytes(), acknowledged)]
    if not waiting:
        return
    path = world.rng.choice(waiting)
    data = bytearray(path.read_bytes())
    before = _events(data, acknowledged)
    begin = data.index(bytes(world.rng.choice(list(before.values())).event))
    for at in range(begin, min(begin + world.rng.choice([1, 300, 4096]), len(data))):
        data[at] ^= world.rng.randint(1, 255)
    path.write_bytes(data)
    after = _events(data, acknowledged)
    # What was written but not synced was never received: at the end of a file its loss is only noticed inside a gap.
    received = max([durable, *after])
    lost = [event for number, event in before.items() if number not in after and number <= received]
    world.damaged_records += len(lost)
    for event in lost:
        try:
            world.damaged.add(key_in(bytes(event.event)))
        except (KeyError, ValueError):
            world.damaged_odd.add(bytes(event.event))


def _events(data: bytes | bytearray, acknowledged: int) -> dict[int, RawEvent]:
    scan = records.scan(bytes(data), first_id=0, last_id=_ANY_ID, may_hold_more=True)
    return {number: event for number, event in scan.events if number > acknowledged}
