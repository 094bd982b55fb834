"""Points as lines, to the letter."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ha_ingestor_core.alerts import Alert, AlertLevel
from ha_ingestor_core.gaps import Gap, GapReason
from ha_ingestor_core.service_metrics import ServiceMetricsPoint
from ha_ingestor_store.influx.writing import line_protocol
from ha_ingestor_store.influx.writing.line_protocol import (
    alert_line,
    count_line,
    gap_line,
    quoted,
    series_text,
    service_metrics_line,
    text_line,
    weather_line,
)
from ha_ingestor_store.points import Weather, WeatherObservation
from hypothesis import given
from hypothesis import strategies as st


def test_an_observation_of_the_weather() -> None:
    observation = WeatherObservation("home", "weather.my home", 17, Weather(condition="rainy", pressure_hpa=1001.2))
    assert weather_line(observation) == (
        'weather,home=home,source=weather.my\\ home condition="rainy",pressure_hpa=1001.2 17'
    )


def test_an_observation_says_how_long_it_holds_where_that_is_not_the_usual() -> None:
    observation = WeatherObservation("home", "open-meteo", 17, Weather(temperature_c=7.0), holds_ns=60)
    assert weather_line(observation) == "weather,home=home,source=open-meteo temperature_c=7.0,holds_ns=60i 17"


def test_separators_in_a_tag_are_escaped_and_the_rest_encoded() -> None:
    assert series_text("m", {"b": "a b,c=d", "a": "x\ny\\"}) == "m,a=x%0Ay%5C,b=a\\ b\\,c\\=d"


def test_a_tag_that_is_absent_or_empty_is_left_out() -> None:
    assert series_text("m", {"a": None, "b": "", "c": "x"}) == "m,c=x"
    assert series_text("m", {}) == "m"


@pytest.mark.parametrize(
    ("text", "field"),
    [("", '""'), ('quo"te', '"quo\\"te"'), ("back\\", '"back\\\\"'), ('\\"', '"\\\\\\""'), ("a\nb", '"a\nb"')],
)
def test_a_text_cannot_end_its_quotes(text: str, field: str) -> None:
    assert quoted(text) == field


@given(st.text())
def test_a_quoted_text_is_read_back(text: str) -> None:
    assert re.fullmatch(r'"((?:\\["\\]|[^"\\])*)"', quoted(text), re.DOTALL)
    assert re.sub(r'\\(["\\])', r"\1", quoted(text)[1:-1]) == text


def test_a_report_has_integers_and_floats() -> None:
    point = ServiceMetricsPoint("admin api", 17, "a", counters={"events_received": 3}, levels={"lag_s": 2})
    assert service_metrics_line(point) == (
        "service_metrics,instance=a,service=admin\\ api events_received=3i,lag_s=2.0 17"
    )


def test_a_report_of_nothing_is_no_line() -> None:
    assert service_metrics_line(ServiceMetricsPoint("admin-api", 17)) is None


def test_a_window_of_a_rollup() -> None:
    assert count_line("events_1h", {"home": "h", "domain": None}, {"count": 3.0}, 60) == "events_1h,home=h count=3.0 60"


def test_a_text_of_ours() -> None:
    told = text_line("rollup_progress", '{"a":1}', 5, {"owner": "x y"})
    assert told == 'rollup_progress,owner=x\\ y state="{\\"a\\":1}" 5'


def gap(**values: Any) -> Gap:
    return Gap(home="my home", start_ns=5, end_ns=9, reason=GapReason.RESTART, found_ns=11, **values)


def test_an_open_gap_has_every_field_so_that_nothing_of_an_earlier_version_stays() -> None:
    assert gap_line(gap(lost=['"x"'], known=1)) == (
        'gaps,home=my\\ home,reason=restart end_ns=9i,status="open",entities=0i,recovered=0i,known=1i,'
        'lost="[\\"\\\\\\"x\\\\\\"\\"]",found_ns=11i,closed_ns=0i 5'
    )


def test_of_what_is_lost_as_much_is_kept_as_a_field_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_protocol, "MAX_TEXT_BYTES", 8)
    assert '[\\"ab\\",\\"… and 2 more\\"]' in gap_line(gap(lost=["ab", "cd", "ef"]))


def test_an_active_alert_has_every_field_so_that_it_can_be_overwritten() -> None:
    alert = Alert(rule="lag", service="a b", level=AlertLevel.INFO, message='"late"', since_ns=5, raised_ns=7)
    fields = 'level="info",message="\\"late\\"",raised_ns=7i,cleared_ns=0i,acknowledged_ns=0i'
    assert alert_line(alert) == f"alerts,rule=lag,service=a\\ b {fields} 5"
