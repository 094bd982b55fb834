"""Points as lines."""

from __future__ import annotations

from ha_ingestor_core.events import OriginKind
from ha_ingestor_core.service_metrics import ServiceMetricsPoint
from ha_ingestor_store.influx.line_protocol import (
    MAX_TEXT_BYTES,
    EventEncoder,
    count_line,
    rejected_line,
    service_metrics_line,
)
from ha_ingestor_store.points import EventPoint, RejectedEvent


def test_an_event_is_a_line_with_sorted_tags_and_what_it_has() -> None:
    point = EventPoint(
        home="home",
        event_type="state_changed",
        time_ns=5,
        domain="sensor",
        entity_id="sensor.a",
        state="21.5",
        value=21.5,
        unit="°C",
        origin_kind=OriginKind.BACKFILL,
    )
    assert EventEncoder().line(point) == (
        "home_assistant_events,domain=sensor,entity_id=sensor.a,event_type=state_changed,home=home "
        'count=1.0,removed=false,origin_kind="backfill",unit="°C",value=21.5,state="21.5" 5'
    )


def test_an_empty_text_is_no_field_but_named() -> None:
    point = EventPoint(home="h", event_type="e", time_ns=1, state="", old_state="x", context_user_id="")
    assert EventEncoder().line(point).endswith('old_state="x",empty="state,context_user_id" 1')


def test_tags_and_texts_end_where_they_end() -> None:
    point = EventPoint(home="a,b c=d", event_type="back\\", time_ns=1, entity_id="x\ny", state='say "x"\\')
    assert EventEncoder().line(point) == (
        "home_assistant_events,entity_id=x%0Ay,event_type=back%5C,home=a\\,b\\ c\\=d "
        'count=1.0,removed=false,origin_kind="live",state="say \\"x\\"\\\\" 1'
    )


def test_what_is_remembered_is_told_again() -> None:
    encoder = EventEncoder()
    point = EventPoint(home="h", event_type="e", time_ns=1, attributes='{"a":1}')
    assert encoder.line(point) == encoder.line(point)


def test_counters_are_integers_and_levels_floats() -> None:
    point = ServiceMetricsPoint("s", 7, "host", {"events_received": 3}, {"queue_depth": 2})
    assert service_metrics_line(point) == "service_metrics,instance=host,service=s events_received=3i,queue_depth=2.0 7"
    assert service_metrics_line(ServiceMetricsPoint("s", 7)) is None


def test_rejected_events_of_one_moment_have_keys_of_their_own_and_their_own_time() -> None:
    def line(payload: str) -> str:
        return rejected_line(RejectedEvent("h", 1_000_000_007, "s", "malformed", "why", payload))

    lines = {line(str(n)).rsplit(" ", 1)[1] for n in range(100)}
    assert len(lines) == 100
    assert all(1_000_000_000 <= int(time_ns) < 1_001_000_000 for time_ns in lines)
    assert "time_ns=1000000007i" in line("x")
    assert line("x") == line("x")


def test_a_payload_too_long_for_a_field_is_cut_and_says_so() -> None:
    line = rejected_line(RejectedEvent("h", 1, "s", "k", "m", "ü" * MAX_TEXT_BYTES))
    assert f"… (cut; {2 * MAX_TEXT_BYTES} bytes)" in line


def test_a_window_of_a_rollup_leaves_out_absent_tags() -> None:
    tags = {"home": "h", "event_type": "e", "domain": None}
    assert count_line("events_1m", tags, {"count": 3.0}, 60) == "events_1m,event_type=e,home=h count=3.0 60"
