"""The OpenAPI document: up to date, and in agreement with the routes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from admin_api.openapi import openapi_text

KEPT = Path(__file__).resolve().parents[3] / "docs/reference/openapi.json"


def test_kept_document_is_up_to_date() -> None:
    assert KEPT.read_text(encoding="utf-8") == openapi_text(), "run scripts/generate_openapi.py"


STREAMED = {
    "StreamStatistics", "TapEnd", "TapEnded", "TapOutcome", "TapReason", "TapStatus", "TappedEvent", "TappedPoint",
}  # fmt: skip


async def test_served_document_is_the_kept_one_but_for_the_streams(get: Any) -> None:
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    for name in STREAMED:
        del kept["components"]["schemas"][name]
    assert (await get("/api/v1/openapi.json")).json == kept


def test_every_answer_has_an_example() -> None:
    schemas = json.loads(openapi_text())["components"]["schemas"]
    for name in ("StatsAnswer", "EventsAnswer", "HistoryAnswer", "Event", "ServiceStats", "HealthAnswer"):
        assert any("examples" in field for field in schemas[name]["properties"].values()), name
