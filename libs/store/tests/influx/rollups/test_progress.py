"""Which windows may be trusted: held against plain sets of window numbers."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import msgspec
from ha_ingestor_store.influx.rollups.progress import (
    Progress,
    Range,
    Span,
    Windows,
    aligned,
    families,
    few,
    joined,
    plan_spans,
    touched,
    without,
)
from ha_ingestor_store.influx.schema import SECOND_NS, Family
from ha_ingestor_store.time_range import DAY_NS, HOUR_NS, MINUTE_NS, TimeRange
from hypothesis import given
from hypothesis import strategies as st

GRAIN = 10
MOST = 30
"""Windows that the tests look at: numbers 0 to 29."""

numbers = st.integers(0, MOST)
ranges = st.lists(st.tuples(st.integers(0, MOST * GRAIN), st.integers(0, MOST * GRAIN)).map(sorted).map(tuple))
window_ranges = st.lists(
    st.tuples(numbers, numbers).map(sorted).map(lambda pair: (pair[0] * GRAIN, pair[1] * GRAIN)), max_size=6
)


@st.composite
def windows(draw: st.DrawFn, grain: int = GRAIN, most: int = MOST) -> Windows:
    """Progress of one grain, as openings and closings make it."""
    made = Windows(draw(st.integers(0, most)) * grain)
    for start, end in draw(st.lists(st.tuples(st.integers(0, most), st.integers(0, most)).map(sorted), max_size=5)):
        made = made.opened([(start * grain, end * grain)])
    return made


def numbers_in(some: Iterable[Range]) -> set[int]:
    """The windows that lie wholly in ranges which are aligned."""
    return {number for start, end in some for number in range(-(-start // GRAIN), end // GRAIN)}


def moments_in(some: Iterable[Range]) -> set[int]:
    return {moment for start, end in some for moment in range(start, end)}


def trusted(under_test: Windows) -> set[int]:
    return numbers_in(under_test.trusted(0, 2 * MOST * GRAIN))


def test_what_ends_by_the_mark_and_is_not_open_is_trusted() -> None:
    under_test = Windows(50, ((10, 20), (30, 40)))
    assert under_test.trusted(0, 100) == [(0, 10), (20, 30), (40, 50)]


def test_nothing_is_trusted_where_nothing_was_rolled_up() -> None:
    assert Windows(0).trusted(0, 100) == []
    assert Windows(100).trusted(50, 50) == []


@given(windows(), window_ranges)
def test_an_opened_window_is_not_trusted_and_all_others_are_as_before(before: Windows, opening: list[Range]) -> None:
    after = before.opened(opening)
    assert trusted(after) == trusted(before) - numbers_in(opening)
    assert after.until_ns == before.until_ns


@given(windows(), window_ranges)
def test_a_closed_window_is_trusted_when_it_lies_behind_the_mark(before: Windows, closing: list[Range]) -> None:
    after = before.closed(closing)
    assert trusted(after) == trusted(before) | numbers_in((s, min(e, before.until_ns)) for s, e in closing)


@given(windows(), numbers, window_ranges)
def test_an_advanced_mark_trusts_what_it_passed_but_for_what_was_touched(
    before: Windows, number: int, dirty: list[Range]
) -> None:
    after = before.advanced(number * GRAIN, dirty)
    passed = set(range(before.until_ns // GRAIN, number))
    assert trusted(after) == (trusted(before) | passed) - numbers_in(dirty)


@given(windows(), numbers)
def test_a_mark_never_moves_back(before: Windows, number: int) -> None:
    assert before.advanced(number * GRAIN).until_ns == max(before.until_ns, number * GRAIN)


@given(windows(), numbers, numbers)
def test_trusted_tells_of_the_asked_range_alone(under_test: Windows, first: int, last: int) -> None:
    asked = under_test.trusted(first * GRAIN, last * GRAIN)
    assert numbers_in(asked) == trusted(under_test) & set(range(first, last))
    assert asked == list(joined(asked))


@given(windows(), window_ranges)
def test_open_ranges_are_in_order_apart_and_behind_the_mark(before: Windows, opening: list[Range]) -> None:
    after = before.opened(opening)
    assert after.open == joined(after.open)
    assert all(end <= after.until_ns for _, end in after.open)


@given(ranges)
def test_joined_covers_the_same_in_order_without_a_touch(some: list[Range]) -> None:
    result = joined(some)
    assert moments_in(result) == moments_in(some)
    for (_, end), (start, _) in itertools.pairwise(result):
        assert end < start


@given(ranges, ranges)
def test_without_leaves_what_is_not_taken(some: list[Range], taken: list[Range]) -> None:
    left = without(joined(some), joined(taken))
    assert moments_in(left) == moments_in(some) - moments_in(taken)
    assert left == sorted(left)
    assert all(start < end for start, end in left)


@given(st.lists(st.tuples(st.integers(-300, 300), st.integers(1, 50)).map(lambda pair: (pair[0], sum(pair)))))
def test_aligned_covers_every_window_that_is_touched_and_no_other(some: list[Range]) -> None:
    whole = {moment // GRAIN for moment in moments_in(some)}
    assert numbers_in(aligned(some, GRAIN)) == whole
    assert all(start % GRAIN == end % GRAIN == 0 for start, end in aligned(some, GRAIN))


@given(st.lists(st.integers(-200, 200)))
def test_touched_is_the_window_of_every_moment(times: list[int]) -> None:
    result = touched(times, GRAIN)
    assert numbers_in(result) == {moment // GRAIN for moment in times}
    assert result == list(joined(result))


@given(ranges, st.integers(1, 8))
def test_few_covers_all_it_was_given_with_no_more_than_it_may(some: list[Range], most: int) -> None:
    given_ranges = joined(some)
    result = few(given_ranges, most)
    assert moments_in(result) >= moments_in(given_ranges)
    assert len(result) <= most
    assert result == joined(result)


@given(ranges, st.integers(1, 8))
def test_few_adds_the_shortest_gaps(some: list[Range], most: int) -> None:
    given_ranges = joined(some)
    gaps = sorted(later[0] - earlier[1] for earlier, later in itertools.pairwise(given_ranges))
    added = len(moments_in(few(given_ranges, most))) - len(moments_in(given_ranges))
    assert added == sum(gaps[: max(0, len(given_ranges) - most)])


def test_a_back_fill_of_scattered_moments_does_not_grow_the_progress_without_end() -> None:
    under_test = Windows(10_000 * GRAIN).opened((n * GRAIN, (n + 1) * GRAIN) for n in range(0, 10_000, 2))
    assert len(under_test.open) == 500
    assert not trusted(under_test) & set(range(0, 2 * MOST, 2))


GRAINS = (GRAIN, 3 * GRAIN, 12 * GRAIN)
any_windows = st.fixed_dictionaries(
    {},
    optional={
        GRAINS[0]: windows(),
        GRAINS[1]: windows(GRAINS[1], MOST // 3),
        GRAINS[2]: windows(GRAINS[2], MOST // 12 + 1),
    },
)
any_grains = st.sampled_from([GRAINS, GRAINS[:2], GRAINS[1:], GRAINS[:1], ()])
any_range = st.tuples(st.integers(-50, 400), st.integers(-50, 400)).map(lambda pair: TimeRange(min(pair), max(pair)))


@given(any_range, any_windows, any_grains)
def test_spans_cover_the_range_exactly_once_and_in_order(
    time_range: TimeRange, known: dict[int, Windows], grains: tuple[int, ...]
) -> None:
    at = time_range.start_ns
    for span in plan_spans(time_range, known, grains):
        assert span.start_ns == at < span.end_ns
        at = span.end_ns
    assert at == time_range.end_ns


@given(any_range, any_windows, any_grains)
def test_every_moment_is_answered_by_the_coarsest_window_that_is_trusted(
    time_range: TimeRange, known: dict[int, Windows], grains: tuple[int, ...]
) -> None:
    for span in plan_spans(time_range, known, grains):
        for moment in range(span.start_ns, span.end_ns):
            assert span.grain_ns == coarsest(moment, time_range, known, grains)


def coarsest(moment: int, time_range: TimeRange, known: dict[int, Windows], grains: Iterable[int]) -> int:
    """The longest window around a moment that lies in the range and is trusted; 0 for none."""
    best = 0
    for grain in grains:
        start = moment // grain * grain
        end = start + grain
        is_inside = time_range.start_ns <= start and end <= time_range.end_ns
        of_grain = known.get(grain)
        is_rolled_up = of_grain is not None and end <= of_grain.until_ns
        if is_inside and of_grain and is_rolled_up and not moments_in(of_grain.open) & set(range(start, end)):
            best = grain
    return best


def test_a_day_with_an_open_hour_is_read_from_its_other_hours() -> None:
    hours = Windows(2 * DAY_NS, ((5 * HOUR_NS, 6 * HOUR_NS),))
    days = Windows(2 * DAY_NS, ((0, DAY_NS),))
    assert plan_spans(TimeRange(0, 2 * DAY_NS), {HOUR_NS: hours, DAY_NS: days}, (HOUR_NS, DAY_NS)) == [
        Span(HOUR_NS, 0, 5 * HOUR_NS),
        Span(0, 5 * HOUR_NS, 6 * HOUR_NS),
        Span(HOUR_NS, 6 * HOUR_NS, DAY_NS),
        Span(DAY_NS, DAY_NS, 2 * DAY_NS),
    ]


def test_an_empty_range_has_no_spans() -> None:
    assert plan_spans(TimeRange(5, 5), {GRAIN: Windows(100)}, (GRAIN,)) == []


@given(any_windows, st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)))
def test_progress_survives_its_text(known: dict[int, Windows], captured_ns: int | None) -> None:
    progress = Progress(known, known, captured_ns)
    assert msgspec.json.decode(msgspec.json.encode(progress), type=Progress) == progress


def test_a_watermark_that_is_turned_back_leaves_what_is_open_behind_it() -> None:
    windows = Windows(10 * MINUTE_NS, ((2 * MINUTE_NS, 3 * MINUTE_NS), (7 * MINUTE_NS, 8 * MINUTE_NS)))
    assert windows.turned_back(5 * MINUTE_NS) == Windows(5 * MINUTE_NS, ((2 * MINUTE_NS, 3 * MINUTE_NS),))
    assert windows.turned_back(11 * MINUTE_NS) is windows


def test_a_changed_family_leaves_the_other_as_it_was() -> None:
    progress = Progress(events={MINUTE_NS: Windows(1), HOUR_NS: Windows(2)}, services={HOUR_NS: Windows(3)})
    after = progress.changed(Family.EVENTS, {HOUR_NS: Windows(9)})
    assert after.events == {MINUTE_NS: Windows(1), HOUR_NS: Windows(9)}
    assert after.services == progress.services


def test_finer_windows_of_a_family_come_before_those_made_of_them() -> None:
    assert list(families()) == [
        (Family.EVENTS, SECOND_NS),
        (Family.EVENTS, MINUTE_NS),
        (Family.EVENTS, HOUR_NS),
        (Family.EVENTS, DAY_NS),
        (Family.SERVICES, HOUR_NS),
        (Family.SERVICES, DAY_NS),
    ]
