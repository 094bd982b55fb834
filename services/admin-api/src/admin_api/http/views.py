"""JSON of answers: plain dictionaries, encoded once."""

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
    """An answer of anything msgspec can encode; never kept by a cache, since the next moment has another."""

    media_type = "application/json"

    def __init__(self, body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(msgspec.json.encode(body), status, {"Cache-Control": "no-store", **(headers or {})})


def coverage_view(coverage: answers.Coverage) -> View:
    """From when an answer counts."""
    return {"start": time_or_none(coverage.start_ns), "complete": coverage.complete}


def moment_or_none(moment: datetime | None) -> str | None:
    """RFC 3339 of a datetime, or None where there is none; msgspec would write its own form of it."""
    return None if moment is None else ns_to_rfc3339(datetime_to_ns(moment))


def time_or_none(time_ns: int | None) -> str | None:
    """RFC 3339, or None where there is no time."""
    return None if time_ns is None else ns_to_rfc3339(time_ns)
