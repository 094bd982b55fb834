"""Points as lines, to the letter."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ha_ingestor_core.alerts import Alert, AlertLevel
from ha_ingestor_core.events import OriginKind
from ha_ingestor_core.gaps import Gap, GapReason
from ha_ingestor_core.service_metrics import ServiceMetricsPoint
from ha_ingestor_store.influx.schema import TEXT_FIELDS
from ha_ingestor_store.influx.writing import line_protocol
from ha_ingestor_store.influx.writing.line_protocol import (
    EventEncoder,
    alert_line,
    count_line,
    gap_line,
    quoted,
    series_text,
    service_metrics_line,
    text_line,
    weather_line,
)
from ha_ingestor_store.points import EventPoint, Weather, WeatherObservation
from hypothesis import given
from hypothesis import strategies as st


def event(**fields: Any) -> EventPoint:
    given_fields = {"domain": "light", "entity_id": "light.a", **fields}
    return EventPoint("home", "state_changed", 17, **given_fields)


def line(**fields: Any) -> str:
    return EventEncoder().line(event(**fields))


def test_the_least_event() -> None:
    assert EventEncoder().line(EventPoint("home", "started", -5)) == (
        'home_assistant_events,event_type=started,home=home count=1.0,removed=false,origin_kind="live" -5'
    )


def test_a_whole_event() -> None:
    texts = {name: f"the {name}" for name in TEXT_FIELDS}
    assert line(value=21.5, removed=True, origin_kind=OriginKind.BACKFILL, **texts) == (
        "home_assistant_events,domain=light,entity_id=light.a,event_type=state_changed,home=home "
        'count=1.0,removed=true,origin_kind="backfill",unit="the unit",friendly_name="the friendly_name",'
        'area="the area",device="the device",device_class="the device_class",attributes="the attributes",'
        'floor="the floor",labels="the labels",integration="the integration",value=21.5,'
        'state="the state",old_state="the old_state",data="the data",context_id="the context_id",'
        'context_parent_id="the context_parent_id",context_user_id="the context_user_id",origin="the origin" 17'
    )


def test_the_weather_of_an_event_is_fields_of_it() -> None:
    weather = Weather(condition="clear-night", temperature_c=-3.5, humidity_percent=80)
    assert line(state="on", weather=weather) == (
        "home_assistant_events,domain=light,entity_id=light.a,event_type=state_changed,home=home "
        'count=1.0,removed=false,origin_kind="live",weather_condition="clear-night",weather_temperature_c=-3.5,'
        'weather_humidity_percent=80.0,state="on" 17'
    )


def test_weather_that_changes_is_never_mistaken() -> None:
    encoder = EventEncoder()
    degrees = [1.0, 2.0, 1.0, *map(float, range(3000)), 1.0]
    for each in degrees:
        text = encoder.line(event(weather=Weather(temperature_c=each)))
        assert f",weather_temperature_c={each!r} " in text
    assert "weather" not in encoder.line(event())


def test_an_observation_of_the_weather() -> None:
    observation = WeatherObservation("home", "weather.my home", 17, Weather(condition="rainy", pressure_hpa=1001.2))
    assert weather_line(observation) == (
        'weather,home=home,source=weather.my\\ home condition="rainy",pressure_hpa=1001.2 17'
    )


@pytest.mark.parametrize("name", TEXT_FIELDS)
def test_an_empty_text_is_named_and_not_written(name: str) -> None:
    assert f'empty="{name}"' in line(**{name: ""})
    assert f",{name}=" not in line(**{name: ""}).partition(" ")[2]
    assert "empty" not in line(**{name: None})


def test_all_empty_texts_are_named_in_one_field() -> None:
    assert f'empty="{",".join(TEXT_FIELDS)}"' in line(**dict.fromkeys(TEXT_FIELDS, ""))


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0.0"), (-0.0, "-0.0"), (1e300, "1e+300"), (5e-324, "5e-324"), (0.1, "0.1"), (7.0, "7.0")]
)
def test_a_number_is_a_float_to_its_last_digit(value: float, text: str) -> None:
    assert f",value={text} " in line(value=value)


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


@given(st.text(min_size=1), st.text(), st.text())
def test_no_tag_ends_a_line(home: str, domain: str, entity_id: str) -> None:
    assert not re.search(r"[\n\r\x00]", EventEncoder().line(EventPoint(home, "e", 1, domain, entity_id)))


@given(st.lists(st.tuples(st.sampled_from(["light.a", "light.b", "light ü"]), st.sampled_from(["", "W", None]))))
def test_what_is_remembered_changes_no_line(events: list[tuple[str, str | None]]) -> None:
    encoder = EventEncoder()
    for entity_id, unit in events:
        point = event(entity_id=entity_id, unit=unit)
        assert encoder.line(point) == EventEncoder().line(point)


@pytest.mark.parametrize("limit", ["_SERIES_LIMIT", "_FACTS_LIMIT", "_FACTS_CHARACTERS"])
def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    monkeypatch.setattr(line_protocol, limit, 10)
    encoder = EventEncoder()
    for number in range(100):
        point = event(entity_id=f"light.{number}", attributes=f'{{"n":{number}}}')
        assert encoder.line(point) == EventEncoder().line(point)
    assert len(encoder._series if limit == "_SERIES_LIMIT" else encoder._facts) <= 10


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
