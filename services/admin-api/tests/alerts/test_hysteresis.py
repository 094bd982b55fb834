"""No flapping: with any sequence of values, an alert and the time before and after it have a minimum duration."""

from __future__ import annotations

from admin_api.alerts.hysteresis import QUIET, Change, step
from admin_api.alerts.rules import Rule
from hypothesis import given
from hypothesis import strategies as st

STEP_S = 10


def rule(*, above: bool, for_s: int, clear_after_s: int, margin: float) -> Rule:
    bounds = {"above": 10.0, "clear": 10.0 - margin} if above else {"below": 10.0, "clear": 10.0 + margin}
    return Rule.model_validate(
        {
            "name": "x",
            "watch": "lag_s",
            "level": "info",
            "message": "x",
            "for": f"{for_s}s",
            "clear_after": f"{clear_after_s}s",
            **bounds,
        }
    )


rules = st.builds(
    rule,
    above=st.booleans(),
    for_s=st.sampled_from([0, 10, 30, 60]),
    clear_after_s=st.sampled_from([0, 10, 40]),
    margin=st.sampled_from([0.0, 5.0]),
)
values = st.lists(
    st.one_of(st.none(), st.sampled_from([0.0, 4.9, 5.0, 7.0, 10.0, 10.1, 15.0, 15.1, 99.0])), max_size=60
)


def changes(of: Rule, seen: list[float | None]) -> list[tuple[int, Change]]:
    """Return the steps with a change."""
    phase, found = QUIET, []
    for number, value in enumerate(seen):
        now_s = float(number * STEP_S)
        phase, change = step(of, phase, value, now_ns=int(now_s * 1e9) + 1, now_s=now_s)
        if change:
            found.append((number, change))
    return found


@given(rules, values)
def test_raising_and_clearing_alternate_after_their_durations(of: Rule, seen: list[float | None]) -> None:
    found = changes(of, seen)
    assert [change for _, change in found] == [Change.RAISED, Change.CLEARED][: len(found)] * 1 or all(
        change is (Change.RAISED, Change.CLEARED)[n % 2] for n, (_, change) in enumerate(found)
    )
    for number, change in found:
        steps = -(-(of.for_s if change is Change.RAISED else of.clear_after_s) // STEP_S)
        assert number >= steps
        behind = seen[number - steps : number + 1]
        if change is Change.RAISED:
            assert all(value is not None and of.is_beyond(value) for value in behind)
        else:
            assert all(value is not None and of.is_back(value) for value in behind)


@given(rules, values)
def test_a_condition_that_holds_long_enough_is_raised(of: Rule, seen: list[float | None]) -> None:
    bad = 99.0 if of.above is not None else 0.0
    long_enough = [bad] * (of.for_s // STEP_S + 2)
    assert changes(of, [*seen, *long_enough])[-1][1] is Change.RAISED


@given(st.lists(st.sampled_from([5.1, 7.0, 9.9, 10.0, 10.1, 50.0]), max_size=60))
def test_swinging_around_the_limit_changes_nothing_once_it_is_raised(swings: list[float]) -> None:
    of = rule(above=True, for_s=0, clear_after_s=0, margin=5.0)
    assert changes(of, [11.0, *swings]) == [(0, Change.RAISED)]


def test_the_time_since_is_when_it_began_and_not_when_it_was_raised() -> None:
    of = rule(above=True, for_s=20, clear_after_s=0, margin=0.0)
    phase = QUIET
    for number in range(3):
        phase, _ = step(of, phase, 99.0, now_ns=number + 1, now_s=number * 10.0)
    assert (phase.since_ns, phase.is_raised) == (1, True)


def test_an_unknown_value_restarts_the_duration() -> None:
    of = rule(above=True, for_s=20, clear_after_s=0, margin=0.0)
    assert changes(of, [99.0, 99.0, None, 99.0, 99.0]) == []
    assert changes(of, [99.0, 99.0, None, 99.0, 99.0, 99.0]) == [(5, Change.RAISED)]
