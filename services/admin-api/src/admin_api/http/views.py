"""JSON answers: plain dictionaries, encoded with msgspec."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from fastapi import Response
from ha_ingestor_core.clock import datetime_to_ns, ns_to_rfc3339
from ha_ingestor_store import answers

View = dict[str, Any]


class JsonAnswer(Response):
    """A JSON answer of anything that msgspec can encode, with `Cache-Control: no-store` by default."""

    media_type = "application/json"

    def __init__(self, body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(msgspec.json.encode(body), status, {"Cache-Control": "no-store", **(headers or {})})


def coverage_view(coverage: answers.Coverage, end_ns: int) -> View:
    """Return the JSON form of a coverage, and the moment that the answer ends with."""
    return {"start": time_or_none(coverage.start_ns), "end": time_or_none(end_ns), "complete": coverage.complete}


def moment_or_none(moment: datetime | None) -> str | None:
    """Format a datetime as RFC 3339 like all times of the API; None if there is none."""
    return None if moment is None else ns_to_rfc3339(datetime_to_ns(moment))


def time_or_none(time_ns: int | None) -> str | None:
    """Format a time as RFC 3339; None if there is none."""
    return None if time_ns is None else ns_to_rfc3339(time_ns)
