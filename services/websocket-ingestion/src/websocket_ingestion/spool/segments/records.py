"""Events as records and back: each with its number and a checksum; damaged records are skipped.

A segment is MAGIC and then records; a complete one ends with a seal. A record is (little-endian)

    mark 4 B | length of the body 4 B | CRC-32 of all that follows 4 B | number 8 B | received_ns 8 B | kind 1 B | body
"""

from __future__ import annotations

import struct
from binascii import crc32

from ha_ingestor_core.events import OriginKind, RawEvent
from msgspec import Raw, Struct

MAGIC = b"HA Ingestor spool 1\n"
MARK = b"\xff\xfeEV"
"""Begins every record. These bytes are not UTF-8, so no JSON contains them, and the next record can be found."""

_HEAD = struct.Struct("<4sII")
_FACTS = struct.Struct("<QqB")
_BOTH = struct.Struct("<4sIIQqB")
OVERHEAD = _BOTH.size
"""Bytes that a record adds to its event."""

_SEAL = 255
_SEAL_BODY = struct.Struct("<QQ")
SEAL_SIZE = OVERHEAD + _SEAL_BODY.size

_CODES = {OriginKind.LIVE: 0, OriginKind.SNAPSHOT: 1, OriginKind.BACKFILL: 2}
_KINDS = {code: kind for kind, code in _CODES.items()}

NumberedEvent = tuple[int, RawEvent]


class Seal(Struct, frozen=True):
    """The end of a segment: its last number, how many events it holds, and their bytes."""

    last_id: int
    events: int
    event_bytes: int


class Scan(Struct, frozen=True):
    """The content of a segment."""

    events: list[NumberedEvent]
    seal: Seal | None
    holes: list[tuple[int, int]]
    """Damaged parts: the numbers (first, last) that may have been there, last < first where there were none."""
    bad_bytes: int
    torn_bytes: int
    """Bytes of a last, incomplete record, as a crash leaves it: it was never durable."""

    @property
    def is_damaged(self) -> bool:
        """Whether anything but a last, incomplete record is unreadable."""
        return bool(self.bad_bytes or self.holes)


def encode(events: list[RawEvent], first_id: int) -> bytes:
    """Return the records of events that are numbered from `first_id`."""
    return encode_numbered(list(enumerate(events, first_id)))


def encode_numbered(events: list[NumberedEvent]) -> bytes:
    """Return the records of numbered events."""
    parts: list[bytes | Raw] = []
    kind, code = OriginKind.LIVE, _CODES[OriginKind.LIVE]
    for number, event in events:
        if event.kind is not kind:  # rare, and a look-up by an enum is slow
            kind, code = event.kind, _CODES[event.kind]
        body = event.event
        facts = _FACTS.pack(number, event.received_ns, code)
        parts += (_HEAD.pack(MARK, len(body), crc32(body, crc32(facts))), facts, body)
    return b"".join(parts)


def lost_in(holes: list[tuple[int, int]], after: int) -> int:
    """Return how many numbers beyond `after` fit into the holes."""
    return sum(end - max(begin, after + 1) + 1 for begin, end in holes if end > after)


def encode_seal(seal: Seal) -> bytes:
    """Return the record that ends a segment."""
    body = _SEAL_BODY.pack(seal.events, seal.event_bytes)
    facts = _FACTS.pack(seal.last_id, 0, _SEAL)
    return _HEAD.pack(MARK, len(body), crc32(body, crc32(facts))) + facts + body


def decode_seal(data: bytes) -> Seal | None:
    """Return the seal in the last SEAL_SIZE bytes of a segment; None where they are no seal."""
    found = _record(data, 0) if len(data) == SEAL_SIZE else None
    return found[1] if found and isinstance(found[1], Seal) else None


def scan(data: bytes, *, first_id: int, last_id: int, may_hold_more: bool = False, is_continued: bool = False) -> Scan:
    """Return what can be read of a segment for the numbers `first_id` to `last_id`.

    `may_hold_more`: include numbers beyond `last_id`, as in a segment that was being written.
    `is_continued`: the bytes begin at a record in the middle of the segment.
    """
    events: list[NumberedEvent] = []
    holes: list[tuple[int, int]] = []
    seal: Seal | None = None
    bad = torn = 0
    expected = first_id
    offset = len(MAGIC) if data.startswith(MAGIC) else 0
    in_hole = not offset and not is_continued  # not a segment, or its beginning is damaged
    while offset < len(data):
        record = _record(data, offset)
        if record is None:
            following = _next_record(data, offset + 1)
            if following == len(data) and _is_torn(data, offset):
                torn = following - offset
            else:
                bad += following - offset
                in_hole = True
            offset = following
            continue
        number, event, offset = record
        if in_hole:
            holes.append((expected, number if isinstance(event, Seal) else number - 1))
            in_hole = False
        if isinstance(event, Seal):
            seal = event
        elif expected <= number and (may_hold_more or number <= last_id):
            events.append((number, event))
            expected = number + 1
    if seal is None:
        holes.append((expected, last_id))
    if not may_hold_more:
        holes = [(begin, min(end, last_id)) for begin, end in holes]
    return Scan(events, seal, [(begin, end) for begin, end in holes if begin <= end], bad, torn)


def _record(data: bytes, offset: int) -> tuple[int, RawEvent | Seal, int] | None:
    """Return the valid record at an offset: its number, its content, and where it ends."""
    begin = offset + OVERHEAD
    if begin > len(data):
        return None
    mark, length, checksum, number, received_ns, code = _BOTH.unpack_from(data, offset)
    end = begin + length
    if mark != MARK or end > len(data):
        return None
    body = data[begin:end]
    if crc32(body, crc32(data[offset + _HEAD.size : begin])) != checksum:
        return None
    kind = _KINDS.get(code)
    if kind is not None:
        return number, RawEvent(Raw(body), received_ns, kind), end
    if code == _SEAL and length == _SEAL_BODY.size:
        return number, Seal(number, *_SEAL_BODY.unpack(body)), end
    return None


def _next_record(data: bytes, offset: int) -> int:
    """Return where the next valid record begins; the end of the bytes where there is none."""
    while (offset := data.find(MARK, offset)) >= 0:
        if _record(data, offset):
            return offset
        offset += 1
    return len(data)


def _is_torn(data: bytes, offset: int) -> bool:
    """Whether the rest is the beginning of one record, or the zeros that a file system leaves after a power cut."""
    rest = len(data) - offset
    if data.count(0, offset) == rest:
        return True
    if not MARK.startswith(data[offset : offset + len(MARK)]):
        return False
    return rest < _HEAD.size or rest < OVERHEAD + _HEAD.unpack_from(data, offset)[1]
