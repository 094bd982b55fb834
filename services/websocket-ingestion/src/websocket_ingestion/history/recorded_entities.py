"""Entities that Home Assistant's recorder has, including those that came and went while nothing was captured.

The history has to be requested by entity. The logbook lists the entities that changed, except sensors with a unit;
the long-term statistics list sensors with a `state_class`, whenever they existed.
"""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from ha_ingestor_core.clock import NS_PER_S, ns_to_datetime
from msgspec import Raw, Struct

from websocket_ingestion.errors import CommandRefusedError
from websocket_ingestion.messages import CommandRunner

_SLICE_NS = 6 * 3600 * NS_PER_S


class _Row(Struct):
    entity_id: str | None = None
    statistic_id: str | None = None


_rows = msgspec.json.Decoder(list[_Row])


async def recorded_entities(runner: CommandRunner, start_ns: int, end_ns: int, *, rest_s: float) -> set[str]:
    """Return the entities that changed in [start, end) or have statistics; raises ConnectionLostError.

    Without the logbook integration, or where Home Assistant refuses the request, there are fewer.
    """
    found = await _request(runner, "recorder/list_statistic_ids")
    for begin_ns in range(start_ns, end_ns, _SLICE_NS):
        until_ns = min(begin_ns + _SLICE_NS, end_ns)
        start, end = (ns_to_datetime(at).isoformat() for at in (begin_ns, until_ns))
        rows = await _request(runner, "logbook/get_events", start_time=start, end_time=end)
        if rows is None:
            break
        found = (found or set()) | rows
        await asyncio.sleep(rest_s)
    return found or set()


async def _request(runner: CommandRunner, kind: str, **fields: Any) -> set[str] | None:
    """Return the entities of an answer; None where there is none."""
    try:
        return _entities((await runner.command(kind, **fields)).result)
    except CommandRefusedError:
        return None


def _entities(answer: Raw) -> set[str] | None:
    try:
        rows = _rows.decode(answer)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return {entity for row in rows if (entity := row.entity_id or row.statistic_id)}
