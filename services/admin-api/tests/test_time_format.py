"""Every time in every answer has one format: RFC 3339 in UTC with its offset, to the microsecond."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from fastapi import FastAPI
from ha_ingestor_core.alerts import Alert, AlertLevel
from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_core.gaps import Gap, GapReason
from ha_ingestor_store.answers import KnownEntity, LatestMetric, WindowPoint
from ha_ingestor_store.points import RejectedEvent, event_id

ONE_FORMAT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00", re.ASCII)
A_TIME = re.compile(r"\d{4}-\d\d-\d\d([T ].*)?", re.ASCII | re.DOTALL)
EPOCH = range(10**9, 4 * 10**9)
"""The pattern of seconds since 1970; milliseconds to nanoseconds are multiples by a power of 1000."""
ENDLESS = ("/api/v1/stream",)
NOT_TIMES = frozenset({"attributes", "data", "rules", "labels", "version", "payload"})
"""Members with texts of other programs, or without a time."""


def strange_times(value: Any, place: str = "") -> Iterator[str]:
    """Return the paths of times with another format in an answer."""
    if isinstance(value, dict):
        for name, member in value.items():
            if name not in NOT_TIMES:
                yield from strange_times(member, f"{place}.{name}")
    elif isinstance(value, list):
        for at, member in enumerate(value):
            yield from strange_times(member, f"{place}[{at}]")
    elif isinstance(value, str):
        if A_TIME.fullmatch(value) and not ONE_FORMAT.fullmatch(value):
            yield f"{place}: {value}"
    elif isinstance(value, int | float) and any(int(value) // 1000**power in EPOCH for power in range(4)):
        yield f"{place}: {value}"


@pytest.fixture
def filled(store: Any, event: Any) -> Any:
    """A store with data for every time; the services of the fixtures have some too."""
    now_ns = 1_800_000_000 * NS_PER_S
    store.events = [event(ago_s=1, state="1"), event(ago_s=2, state="2")]
    store.windows = [WindowPoint(now_ns, 1.0, 2.0, 3.0, 4)]
    store.latest = [LatestMetric("websocket-ingestion", "", "lag_s", 1.0, now_ns)]
    store.known = [KnownEntity("home", "sensor.power", now_ns, "1", False)]
    store.gaps_found = [Gap(home="home", start_ns=now_ns, end_ns=now_ns + 5, reason=GapReason.RESTART, found_ns=now_ns)]
    store.history = [
        Alert(
            rule="lag",
            service="websocket-ingestion",
            level=AlertLevel.WARNING,
            message="late",
            since_ns=now_ns,
            raised_ns=now_ns,
        )
    ]
    store.rejected = [RejectedEvent("home", now_ns, "enrichment-pipeline", "malformed", "no", "{}")]
    store.coverage = msgspec.structs.replace(store.coverage, start_ns=now_ns - 5)
    return store


async def test_every_time_of_every_answer_has_one_format(app: FastAPI, get: Any, filled: Any) -> None:
    names = {
        "{entity_id}": "sensor.power",
        "{event_id}": event_id(filled.events[0].series_key, filled.events[0].time_ns),
        "{rejected_id}": filled.rejected[0].id,
    }
    asked, times = 0, 0
    for path, operations in app.openapi()["paths"].items():
        if "get" not in operations or path in ENDLESS:
            continue
        for name, value in names.items():
            path = path.replace(name, value)
        for query in ("", "?window=1h") if path.endswith("/history") else ("",):
            answer = await get(f"{path}{query}")
            if not answer.headers.get("content-type", "").startswith("application/json") or answer.status != 200:
                continue
            asked += 1
            times += len(ONE_FORMAT.findall(answer.body.decode()))
            assert list(strange_times(answer.json)) == [], path
    assert asked >= 20
    assert times >= 40


def test_the_walk_finds_what_it_looks_for() -> None:
    wrong = {
        "a": "2026-01-01",
        "b": ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00+00:00"],
        "c": {"d": 1_800_000_000, "e": 1_800_000_000_000.5},
        "right": "2026-01-01T00:00:00.000000+00:00",
        "count": 3,
    }
    assert len(list(strange_times(wrong))) == 5


def test_every_time_of_the_openapi_is_a_date_time_with_an_example_of_that_format(app: FastAPI) -> None:
    models = app.openapi()["components"]["schemas"]
    asked = {name for name in models if name.endswith("Request")}  # times in requests may have any offset
    members = [
        (f"{name}.{key}", member)
        for name, model in models.items()
        if name not in asked
        for key, member in model.get("properties", {}).items()
    ]
    found = 0
    for place, member in members:
        kinds = [member, *member.get("anyOf", [])]
        examples = [each for each in member.get("examples", []) if isinstance(each, str)]
        if any(kind.get("format") == "date-time" for kind in kinds):
            found += 1
            assert all(ONE_FORMAT.fullmatch(each) for each in examples), place
        else:
            assert not any(A_TIME.fullmatch(each) for each in examples), place
    assert found >= 30
