"""Events as records of bytes and back: each with its number and a checksum; what is damaged is stepped over.

A file is MAGIC and then records; one that is complete ends in a seal. A record is (little-endian)

    mark 4 B | length of the body 4 B | CRC-32 of all that follows 4 B | number 8 B | received_ns 8 B | kind 1 B | body
"""

from __future__ import annotations

import struct
from binascii import crc32

from ha_ingestor_core.events import OriginKind, RawEvent
from msgspec import Raw, Struct

MAGIC = b"HA Ingestor spool 1\n"
MARK = b"\xff\xfeEV"
"""Begins every record. No JSON holds these bytes, for they are no UTF-8: so the next record can be found by them."""

_HEAD = struct.Struct("<4sII")
_FACTS = struct.Struct("<QqB")
_BOTH = struct.Struct("<4sIIQqB")
OVERHEAD = _BOTH.size
"""What a record adds to the bytes of its event."""

_SEAL = 255
_SEAL_BODY = struct.Struct("<QQ")
SEAL_SIZE = OVERHEAD + _SEAL_BODY.size

_CODES = {OriginKind.LIVE: 0, OriginKind.SNAPSHOT: 1, OriginKind.BACKFILL: 2}
_KINDS = {code: kind for kind, code in _CODES.items()}

NumberedEvent = tuple[int, RawEvent]


class Seal(Struct, frozen=True):
    """The end of a file: the greatest number that belongs to it, how many events it holds, and the bytes of those."""

    last_id: int
    events: int
    event_bytes: int


class Scan(Struct, frozen=True):
    """What the bytes of a file hold."""

    events: list[NumberedEvent]
    seal: Seal | None
    holes: list[tuple[int, int]]
    """Where bytes were no record: the numbers (first, last) that may have been there, last < first where none can."""
    bad_bytes: int
    torn_bytes: int
    """Bytes of a last record that was not written to its end, as a crash leaves it: it was never durable."""

    @property
    def is_damaged(self) -> bool:
        """Whether anything but the end of a record that was being written is unreadable."""
        return bool(self.bad_bytes or self.holes)


def encode(events: list[RawEvent], first_id: int) -> bytes:
    """The records of events that are numbered from `first_id`."""
    return encode_numbered(list(enumerate(events, first_id)))


def encode_numbered(events: list[NumberedEvent]) -> bytes:
    """The records of events that bring their numbers."""
    parts: list[bytes | Raw] = []
    kind, code = OriginKind.LIVE, _CODES[OriginKind.LIVE]
    for number, event in events:
        if event.kind is not kind:  # rarely; and a look-up by an enum's hash is a call
            kind, code = event.kind, _CODES[event.kind]
        body = event.event
        facts = _FACTS.pack(number, event.received_ns, code)
        parts += (_HEAD.pack(MARK, len(body), crc32(body, crc32(facts))), facts, body)
    return b"".join(parts)


def lost_in(holes: list[tuple[int, int]], after: int) -> int:
    """How many numbers beyond `after` the holes have room for."""
    return sum(end - max(begin, after + 1) + 1 for begin, end in holes if end > after)


def encode_seal(seal: Seal) -> bytes:
    """The record that ends a file."""
    body = _SEAL_BODY.pack(seal.events, seal.event_bytes)
    facts = _FACTS.pack(seal.last_id, 0, _SEAL)
    return _HEAD.pack(MARK, len(body), crc32(body, crc32(facts))) + facts + body


def decode_seal(data: bytes) -> Seal | None:
    """The seal that the last SEAL_SIZE bytes of a file are; None when they are none."""
    found = _record(data, 0) if len(data) == SEAL_SIZE else None
    return found[1] if found and isinstance(found[1], Seal) else None


def scan(data: bytes, *, first_id: int, last_id: int, may_hold_more: bool = False, is_continued: bool = False) -> Scan:
    """All that can be read in the bytes of a file that took the numbers from `first_id` to `last_id`.

    `may_hold_more`: what lies beyond `last_id` is taken as well, as in a file that was being written to.
    `is_continued`: the bytes begin at a record in the middle of the file.
    """
    events: list[NumberedEvent] = []
    holes: list[tuple[int, int]] = []
    seal: Seal | None = None
    bad = torn = 0
    expected = first_id
    offset = len(MAGIC) if data.startswith(MAGIC) else 0
    in_hole = not offset and not is_continued  # a foreign file, or a damaged beginning
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
    """The whole, unharmed record at an offset: its number, what it holds, and where it ends."""
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
    """Where the next unharmed record begins; the end of the bytes when there is none."""
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
