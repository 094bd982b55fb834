"""Readings from the store and, while it is unavailable, from the services."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from admin_api.alerts.readings.queue_depths import QueueDepths
from admin_api.alerts.readings.reading import Found
from admin_api.alerts.readings.readings import Readings
from admin_api.alerts.rules import load_rules, rules_of_the_release
from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_core.errors import ServiceUnavailableError, StoreUnavailableError
from ha_ingestor_store.answers import Coverage, EntitySilence, ServiceStatistics, ServiceTrendPoint
from ha_ingestor_store.questions import SilentEntities
from ha_ingestor_store.time_range import HOUR_NS, MINUTE_NS

RULES = load_rules(rules_of_the_release())
HOUR_S = 3600


def service(now_ns: int, **values: Any) -> ServiceStatistics:
    usual: dict[str, Any] = {
        "service": "websocket-ingestion",
        "counters": {"write_attempts": 200, "write_errors": 20},
        "processing_time_ms": 1.0,
        "processing_time_ms_p95": 2.0,
        "success_rate": 90.0,
        "queue_depth": 5.0,
        "lag_s": 75.0,
        "last_seen_ns": now_ns - 180 * NS_PER_S,
    }
    return ServiceStatistics(**(usual | values))


def stored(now_ns: int, *, minutes_ago: int) -> list[ServiceTrendPoint]:
    """Store the reports of an hour; the last one with a stored event ended at this age."""
    return [ServiceTrendPoint(now_ns - (ago + 1) * MINUTE_NS, float(ago == minutes_ago)) for ago in range(59, -1, -1)]


@pytest.fixture
def readings(store: Any, sources: Any, clock: Any, tmp_path: Path) -> Readings:
    return Readings(reader=store, sources=sources, data_dir=tmp_path / "not" / "there", clock=clock)


async def test_everything_is_read_from_the_store(readings: Readings, store: Any, clock: Any) -> None:
    clock.advance(HOUR_S)
    now_ns = clock.now_ns()
    store.series["websocket-ingestion"] = stored(now_ns, minutes_ago=20)
    store.services = [service(now_ns)]
    store.open_gaps = 2
    names = [f"sensor.a{n}_temperature" for n in range(7)]
    seen_ns, usual_ns = now_ns - 5 * HOUR_NS, HOUR_NS
    silent = [("home", name) for name in (*names, "light.hall")] + [("cabin", "sensor.b")]
    store.silences = [EntitySilence(home, name, seen_ns, seen_ns, 5 * HOUR_NS, usual_ns) for home, name in silent]
    found = await readings.read(RULES)
    assert found["error_rate"] == {"websocket-ingestion": Found(10.0)}
    assert found["success_rate"] == {"websocket-ingestion": Found(90.0)}
    assert found["no_events"] == {"websocket-ingestion": Found(20.0)}
    assert found["service_silent"] == {"websocket-ingestion": Found(3.0)}
    assert found["lag"] == {"websocket-ingestion": Found(75.0)}
    assert found["gap_open"] == {"websocket-ingestion": Found(2.0)}
    assert found["silent_sensors"] == {
        "home": Found(7.0, (*names[:5], "and 2 more")),
        "cabin": Found(1.0, ("sensor.b",)),
    }
    assert found["store_unreachable"] == {"store": Found(0.0)}
    assert 0 < (found["disk_nearly_full"] or {})["store"].value < 100


async def test_a_silence_from_before_the_start_is_unknown_until_it_has_lasted_as_long_since(
    readings: Readings, store: Any, clock: Any
) -> None:
    started_ns = clock.now_ns()
    store.services = [service(started_ns)]
    store.series["websocket-ingestion"] = stored(started_ns, minutes_ago=20)
    found = await readings.read(RULES)
    assert (found["service_silent"], found["no_events"]) == (None, None)
    assert found["lag"] == {"websocket-ingestion": Found(75.0)}
    clock.advance(121)
    assert (await readings.read(RULES))["service_silent"] == {"websocket-ingestion": Found(3 + 121 / 60)}
    clock.advance(780)
    assert (await readings.read(RULES))["no_events"] == {"websocket-ingestion": Found(20 + 901 / 60)}


async def test_a_query_of_several_rules_is_run_once(readings: Readings, store: Any) -> None:
    await readings.read(RULES)
    asked = [question for question in store.asked if isinstance(question, tuple) and question[-1] is None]
    assert len(asked) == 3  # over 5 and 10 minutes, and 7 days


async def test_silence_is_by_the_usual_interval_or_a_fixed_period(readings: Readings, store: Any, clock: Any) -> None:
    by_rhythm = next(rule for rule in RULES if rule.name == "silent_sensors")
    by_clock = by_rhythm.model_copy(update={"name": "by_clock", "factor": None, "over_s": 3600})
    await readings.read([by_rhythm, by_clock])
    now_ns = clock.now_ns()
    assert [question for question in store.asked if isinstance(question, SilentEntities)] == [
        SilentEntities(now_ns, factor=3.0, limit=1000),
        SilentEntities(now_ns, now_ns - HOUR_NS, limit=1000),
    ]


async def test_silence_is_queried_every_five_minutes(readings: Readings, store: Any, clock: Any) -> None:
    async def times() -> int:
        store.asked.clear()
        await readings.read(RULES)
        return sum(isinstance(question, SilentEntities) for question in store.asked)

    assert await times() == 1
    clock.advance(290)
    assert await times() == 0
    clock.advance(10)
    assert await times() == 1


async def test_a_home_whose_clock_is_behind_is_not_silent(
    readings: Readings, store: Any, event: Any, clock: Any
) -> None:
    store.events = [event(ago_s=1200)]
    store.series["websocket-ingestion"] = stored(clock.now_ns(), minutes_ago=0)
    assert (await readings.read(RULES))["no_events"] == {"websocket-ingestion": Found(0.0)}


async def test_an_event_that_is_dated_ahead_hides_no_silence(
    readings: Readings, store: Any, event: Any, clock: Any
) -> None:
    clock.advance(HOUR_S)
    store.events = [event(ago_s=-600)]
    store.series["websocket-ingestion"] = stored(clock.now_ns(), minutes_ago=16)
    assert (await readings.read(RULES))["no_events"] == {"websocket-ingestion": Found(16.0)}


async def test_without_reports_the_newest_event_is_used(readings: Readings, store: Any, event: Any, clock: Any) -> None:
    clock.advance(HOUR_S)
    store.events = [event(ago_s=1200 - HOUR_S)]
    assert (await readings.read(RULES))["no_events"] == {"websocket-ingestion": Found(20.0)}


async def test_the_clocks_of_all_homes_are_compared_whichever_is_ahead(readings: Readings, ingestion: Any) -> None:
    offsets = {"home": -1200.0, "cabin": 0.4, "lake": None}
    ingestion.answer["homes"] = [{"home": home, "clock_offset_s": offset} for home, offset in offsets.items()]
    assert (await readings.read(RULES))["clock_offset"] == {"home": Found(1200.0), "cabin": Found(0.4)}


async def test_before_the_first_capture_the_age_counts_from_the_start(readings: Readings, clock: Any) -> None:
    clock.advance(120)
    assert (await readings.read(RULES))["no_events"] == {"websocket-ingestion": Found(2.0)}


async def test_reports_before_the_first_stored_event_are_not_a_day_of_silence(
    readings: Readings, store: Any, event: Any, clock: Any
) -> None:
    store.coverage = Coverage(start_ns=1, complete=True)
    store.events = [event(ago_s=1)]
    minute_ns = 60 * 1_000_000_000
    first = (clock.now_ns() // minute_ns - 2) * minute_ns
    store.series["websocket-ingestion"] = [ServiceTrendPoint(start_ns=first, value=0.0)]
    found = (await readings.read(RULES))["no_events"]
    assert found is not None
    assert found["websocket-ingestion"].value < 3


async def test_after_a_day_without_events_it_is_a_day(readings: Readings, store: Any, clock: Any) -> None:
    clock.advance(HOUR_S)
    store.coverage = Coverage(start_ns=1, complete=True)
    assert (await readings.read(RULES))["no_events"] == {"websocket-ingestion": Found(1440.0)}


async def test_while_the_store_is_down_the_services_are_asked(
    readings: Readings, store: Any, ingestion: Any, enrichment: Any, clock: Any
) -> None:
    ingestion.answer["event_processing"]["last_event_time"] = "2027-01-15T07:50:00+00:00"
    ingestion.answer["event_processing"]["processing_lag_s"] = 600.0
    enrichment.answer = ServiceUnavailableError("refused")
    store.error = StoreUnavailableError("away")
    await readings.read(RULES)
    clock.advance(30)
    found = await readings.read(RULES)
    assert found["store_unreachable"] == {"store": Found(30.0)}
    assert found["service_silent"] == {"websocket-ingestion": Found(0.0), "enrichment-pipeline": Found(0.5)}
    assert found["lag"] == {"websocket-ingestion": Found(600.0)}
    assert found["no_events"] == {"websocket-ingestion": Found(10.5)}
    assert [found[name] for name in ("error_rate", "success_rate", "gap_open", "silent_sensors")] == [None] * 4


async def test_the_refusals_of_a_home_are_known_without_the_store(
    readings: Readings, store: Any, ingestion: Any
) -> None:
    def home(name: str, **connection: Any) -> dict[str, Any]:
        return {"home": name, "websocket_connection": connection}

    ingestion.answer["homes"] = [
        home("home", state="connected", is_connected=True, token_variable="HA_TOKEN", event_types=["state_changed"]),
        home("cabin", state="auth_invalid", token_variable="HA_TOKEN_CABIN"),
        home("lake", state="forbidden", token_variable="HA_TOKEN_LAKE"),
    ]
    for error in (None, StoreUnavailableError("away")):
        store.error = error
        found = await readings.read(RULES)
        beyond = {
            rule.name: [(home, value.names) for home, value in (found[rule.name] or {}).items() if value.value]
            for rule in RULES
            if rule.name in ("token_refused", "address_forbidden", "certificate_refused", "event_types_missing")
        }
        assert beyond == {
            "token_refused": [("cabin", ("HA_TOKEN_CABIN",))],
            "address_forbidden": [("lake", ("HA_TOKEN_LAKE",))],
            "certificate_refused": [],
            "event_types_missing": [("home", ("HA_TOKEN",))],
        }


async def test_the_refusals_of_a_home_are_unknown_without_an_answer(readings: Readings, ingestion: Any) -> None:
    ingestion.answer = ServiceUnavailableError("refused")
    assert (await readings.read(RULES))["token_refused"] is None


async def test_a_store_that_hangs_is_asked_one_question(
    readings: Readings, store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("admin_api.alerts.readings.evaluation._TIMEOUT_S", 0.01)
    store.hangs = True
    await readings.read(RULES)
    assert len(store.asked) == 1


async def test_an_unexpected_error_counts_as_a_failing_store(readings: Readings, store: Any) -> None:
    store.error = OverflowError("oops")
    assert (await readings.read(RULES))["lag"] == {"websocket-ingestion": Found(0.01)}


async def test_once_the_store_is_back_it_is_not_failing(readings: Readings, store: Any, clock: Any) -> None:
    store.error = StoreUnavailableError("away")
    await readings.read(RULES)
    store.error = None
    clock.advance(30)
    assert (await readings.read(RULES))["store_unreachable"] == {"store": Found(0.0)}


def growth(depths: list[float], over_s: float = 100) -> float | None:
    queue = QueueDepths()
    for number, depth in enumerate(depths):
        queue.note("s", number * 10.0, depth)
    found = queue.growth((len(depths) - 1) * 10.0, over_s).get("s")
    return None if found is None else found.value


def test_a_queue_that_only_grows_has_grown_by_what_lies_between_its_halves() -> None:
    assert growth([float(n) for n in range(0, 110, 10)]) == 10.0
    assert growth([0, 0, 0, 0, 0, 500, 500, 500, 500, 500, 500]) == 500.0


@pytest.mark.parametrize(
    "depths", [[0, 0, 0, 900, 900, 900, 900, 0, 0, 0, 0], [9] * 11, [9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0]]
)
def test_a_burst_that_is_processed_is_no_growth(depths: list[float]) -> None:
    assert growth(depths) == 0.0


def test_growth_is_unknown_before_the_whole_period_is_covered() -> None:
    assert growth([0, 10, 20, 30]) is None
