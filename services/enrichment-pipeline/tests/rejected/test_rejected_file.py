"""The file of rejected events: durable, bounded by its size, and never in the way of a start."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest
from enrichment_pipeline.rejected import database
from enrichment_pipeline.rejected.rejected_file import FILE_NAME, RejectedFile
from ha_ingestor_core.delivery import ReplayOutcome
from ha_ingestor_core.errors import NotFoundError, RejectedEventsFullError
from ha_ingestor_store.points import RejectedEvent
from ha_ingestor_store.questions import RecentRejected, RejectedCursor
from ha_ingestor_store.time_range import TimeRange
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.enrichment_pipeline.rejected_files import LIMIT, event, fill, found, opened

TEXTS = st.sampled_from(["", "a", "ü 😀", "\x00", '"\\'])
EVENTS = st.builds(
    RejectedEvent,
    home=st.sampled_from(["home", "cabin"]),
    time_ns=st.integers(-2, 3),
    service=TEXTS,
    key=st.sampled_from(["malformed", "too_large"]),
    message=TEXTS,
    payload=TEXTS,
)
QUESTIONS = st.builds(
    RecentRejected,
    time_range=st.tuples(st.integers(-3, 3), st.integers(1, 6)).map(lambda each: TimeRange(each[0], sum(each))),
    home=st.sampled_from([None, "home"]),
    service=st.sampled_from([None, "a"]),
    key=st.sampled_from([None, "malformed"]),
    limit=st.integers(1, 4),
)


@settings(max_examples=settings().max_examples * 5 // 10, deadline=None)  # each opens a file
@given(writes=st.lists(st.lists(EVENTS, max_size=6), max_size=4), question=QUESTIONS)
async def test_every_entry_is_listed_once_newest_first(
    tmp_path_factory: pytest.TempPathFactory, writes: list[list[RejectedEvent]], question: RecentRejected
) -> None:
    async with opened(tmp_path_factory.mktemp("rejected")) as file:
        for write in [*writes, *writes[-1:]]:
            await file.keep(write)
        entries = _first_of_each(writes)
        wanted = sorted(
            filter(lambda each: _matches(each, question), entries), key=lambda each: (-each.time_ns, each.id)
        )
        assert await found(file, question) == wanted
        counts = await file.rejected_counts(question)
        assert counts == {key: [each.key for each in wanted].count(key) for key in {each.key for each in wanted}}
        for each in entries:
            assert await file.rejected_event(each.id) == each


def _first_of_each(writes: Sequence[Sequence[RejectedEvent]]) -> list[RejectedEvent]:
    first: dict[str, RejectedEvent] = {}
    for each in (each for write in writes for each in write):
        first.setdefault(each.id, each)
    return list(first.values())


def _matches(each: RejectedEvent, question: RecentRejected) -> bool:
    return (
        question.time_range.start_ns <= each.time_ns < question.time_range.end_ns
        and question.home in (None, each.home)
        and question.service in (None, each.service)
        and question.key in (None, each.key)
    )


async def test_what_is_kept_outlives_a_kill(tmp_path: Path) -> None:
    killed = RejectedFile(tmp_path, limit_bytes=LIMIT)
    await killed.open()
    await killed.keep([event()])
    await killed.note_expired({("home", "light.a"): 5})
    async with opened(tmp_path) as file:
        assert await file.rejected_event(event().id) == event()
        assert file.expired_states == {("home", "light.a"): 5}
    await killed.close()


async def test_a_full_file_takes_all_of_a_batch_or_nothing_and_is_no_larger_than_its_limit(tmp_path: Path) -> None:
    async with opened(tmp_path) as file:
        kept = await fill(file)
        with pytest.raises(RejectedEventsFullError, match=f"REJECTED_LIMIT_BYTES \\({LIMIT:,}\\)"):
            await file.keep([event(-1, "a"), event(-2, "b" * 60_000)])
        assert file.last_error is not None
        status = file.status()
        assert status["last_error"] == file.last_error.message
        assert status["bytes"] <= status["limit_bytes"] == LIMIT
        assert len(await found(file, RecentRejected(limit=1_000))) == len(kept)
    assert (tmp_path / FILE_NAME).stat().st_size <= LIMIT


async def test_a_higher_limit_makes_room(tmp_path: Path) -> None:
    async with opened(tmp_path) as file:
        kept = await fill(file)
    async with opened(tmp_path, 2 * LIMIT) as file:
        await file.keep([event(-1)])
        assert len(await found(file, RecentRejected(limit=1_000))) == len(kept) + 1
        assert file.last_error is None


async def test_only_entries_whose_replay_ended_well_give_their_room_to_others(tmp_path: Path) -> None:
    async with opened(tmp_path) as file:
        kept = await fill(file)
        ends = {kept[0].id: ReplayOutcome.REJECTED, kept[1].id: ReplayOutcome.WRITTEN}
        for each in kept[:2]:
            await file.mark_replayed(replace(each, replayed_ns=9, outcome=ends[each.id]))
        await file.keep([event(-1, "y" * 40_000)])
        left = {each.id for each in await found(file, RecentRejected(limit=1_000))}
        assert left == {each.id for each in [*kept, event(-1, "y" * 40_000)]} - {kept[1].id}


@pytest.mark.parametrize("char", ["x", "\x00", '"', "😀"])
async def test_a_payload_that_is_too_long_is_cut_and_says_so_under_the_id_of_the_whole(
    tmp_path: Path, char: str
) -> None:
    whole = event(payload=char * 200_000)
    async with opened(tmp_path) as file:
        for _ in range(2):
            await file.keep([whole])
        (entry,) = await found(file, RecentRejected())
    assert entry.id == whole.id
    assert len(entry.payload.encode()) == LIMIT // 16
    assert whole.payload.startswith(entry.payload)
    assert f"{len(whole.payload.encode()):,} bytes is cut to {LIMIT // 16:,}" in entry.message


async def test_a_page_ends_where_its_payloads_become_many_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_BYTES_PER_ANSWER", 1_000)
    events = [event(n, "x" * 400) for n in range(5)]
    async with opened(tmp_path) as file:
        await file.keep(events)
        page = await file.rejected_events(RecentRejected())
        assert (len(page.events), page.next_cursor) == (2, RejectedCursor(3, events[3].id))
        assert await found(file, RecentRejected()) == events[::-1]
        bare = (await file.rejected_events(RecentRejected(with_payloads=False))).events
        assert [(each.id, each.payload) for each in bare] == [(each.id, "") for each in events[::-1]]


async def test_a_mark_needs_an_entry(tmp_path: Path) -> None:
    async with opened(tmp_path) as file:
        with pytest.raises(NotFoundError, match="no rejected event"):
            await file.mark_replayed(event())


async def test_those_that_were_not_replayed_yet_are_found_and_counted(tmp_path: Path) -> None:
    async with opened(tmp_path) as file:
        waiting, again = event(1), event(2)
        await file.keep([waiting, again])
        again = replace(again, replayed_ns=5, outcome=ReplayOutcome.REJECTED)
        await file.mark_replayed(again)
        assert await found(file, RecentRejected(replayed=False)) == [waiting]
        assert await found(file, RecentRejected(replayed=True)) == [again]
        assert await file.rejected_counts(RecentRejected(replayed=False)) == {"malformed": 1}
        assert await file.rejected_counts(RecentRejected()) == {"malformed": 2}


async def test_another_process_reads_it_meanwhile(tmp_path: Path) -> None:
    async with opened(tmp_path) as file:
        await file.keep([event()])
        with sqlite3.connect(f"file:{tmp_path / FILE_NAME}?mode=ro", uri=True) as reader:
            assert reader.execute("SELECT count(*) FROM rejected_events").fetchone() == (1,)
        reader.close()


async def test_what_is_discarded_by_another_process_makes_room(tmp_path: Path) -> None:
    async with opened(tmp_path) as file, opened(tmp_path) as of_a_person:
        kept = await fill(file)
        before = file.status()["bytes"]
        assert await of_a_person.discard([kept[0].id, kept[1].id, "nothing"]) == 2
        await file.measure()
        assert file.status()["bytes"] < before
        await file.keep([event(-1, "y" * 40_000)])
        assert await file.rejected_event(kept[0].id) is None
        assert file.last_error is None
