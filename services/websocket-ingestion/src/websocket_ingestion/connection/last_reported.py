"""Signs of life of sensors that repeat their value: no event has them, only `last_reported` in a template.

`get_states` does not either: Home Assistant caches the JSON of a state, `last_reported` included.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Protocol

import msgspec
import structlog
from ha_ingestor_core.alive import Alive, AliveSink
from ha_ingestor_core.clock import datetime_to_ns
from ha_ingestor_core.errors import IngestorError
from msgspec import Raw, Struct

from websocket_ingestion.errors import NO_EVENT, CommandRefusedError

_log = structlog.get_logger()

# `unavailable` and `unknown` are written by Home Assistant for an entity that does not report.
TEMPLATE = (
    "{% for s in states if s.last_reported > s.last_updated and s.state not in ['unavailable', 'unknown'] %}"
    "{{ s.entity_id }} {{ s.last_reported.isoformat() }}\n{% endfor %}"
)


class TemplateRunner(Protocol):
    """Has a template rendered by Home Assistant."""

    async def first_event(self, kind: str, **fields: Any) -> Raw:
        """The first event of a subscription; raises CommandRefusedError and ConnectionLostError."""
        ...


class _Rendered(Struct):
    result: Any = None
    error: str | None = None


class LastReportedPoller:
    """Requests `last_reported` every `interval_s`, and stores which entities reported without a change; 0: never.

    Home Assistant has `last_reported` since 2024.4. Where it lacks it or refuses, `refusal` says why, and only changes
    show that an entity is alive.
    """

    def __init__(self, *, home: str, sink: AliveSink, interval_s: float) -> None:
        self.refusal: str | None = None
        self._home = home
        self._sink = sink
        self._interval_s = interval_s
        self._reported: dict[str, int] = {}
        self._is_failing = False

    async def poll(self, runner: TemplateRunner) -> None:
        """Poll on one connection, until it ends or Home Assistant refuses."""
        self.refusal = None
        while self._interval_s and self.refusal is None:
            await asyncio.sleep(self._interval_s)
            await self.poll_once(runner)

    async def poll_once(self, runner: TemplateRunner) -> None:
        """Poll once; raises only ConnectionLostError: an unavailable store must not end the connection."""
        try:
            rendered = _rendered(await runner.first_event("render_template", template=TEMPLATE, report_errors=True))
        except CommandRefusedError as err:
            if err.code == NO_EVENT:
                _log.info("signs_of_life_not_received", error=err.message, then="requested again")
                return
            rendered = _Rendered(error=err.message)
        if rendered.error is not None:
            self.refusal = rendered.error
            _log.info("signs_of_life_refused", error=rendered.error, then="only changes show that an entity is alive")
            return
        signs = [
            Alive(self._home, entity_id, time_ns)
            for entity_id, time_ns in signs_in(rendered.result)
            if time_ns > self._reported.get(entity_id, 0)
        ]
        if not signs:
            return
        try:
            await self._sink.write_alive(signs)
        except IngestorError as err:
            log = _log.debug if self._is_failing else _log.warning
            log("signs_of_life_not_saved", key=err.key, error=err.message, then="requested again")
            self._is_failing = True
            return
        self._is_failing = False
        self._reported.update((sign.entity_id, sign.time_ns) for sign in signs)

    def status(self) -> dict[str, Any]:
        """The `signs_of_life` of /stats."""
        return {"is_asked": bool(self._interval_s) and self.refusal is None, "refusal": self.refusal}


def signs_in(rendered: object) -> Iterator[tuple[str, int]]:
    """Return the entities of the rendered template, and when each reported; unreadable lines are skipped."""
    for line in rendered.splitlines() if isinstance(rendered, str) else ():
        entity_id, _, text = line.partition(" ")
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            continue
        if moment.tzinfo is not None:
            yield entity_id, datetime_to_ns(moment)


def _rendered(event: Raw) -> _Rendered:
    try:
        return msgspec.json.decode(event, type=_Rendered)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as err:
        return _Rendered(error=f"the answer is unreadable: {err}")
