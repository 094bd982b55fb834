"""Which entities are silent for longer than is usual for them.

The usual interval of an entity is computed from the hours in which it changed or gave a sign of life: on four of five
of the last 14 days it was never silent for longer. docs/adr/0013 gives the reasons.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from itertools import pairwise
from typing import NamedTuple, Protocol

from ha_ingestor_store.answers import EntitySilence
from ha_ingestor_store.questions import EVERY_HOME, SilentEntities
from ha_ingestor_store.renames import BEGIN_NS, HomeEntity, Renames
from ha_ingestor_store.time_range import DAY_NS, HOUR_NS, TimeRange

LOOK_BACK_NS = 30 * DAY_NS
"""How far back activity is read, and signs of life are kept; an entity that is silent for longer has no interval."""
ACTIVITY_DAYS = 14
LEAST_DAYS = 3
_SHARE_OF_DAYS = 0.8
"""A weekend of silence is usual, two days without power in a fortnight are not."""
_HOURS_PER_DAY = 24
_ALL = 1_000_000_000


class LastChange(NamedTuple):
    """The newest state change of an entity."""

    home: str
    entity_id: str
    time_ns: int
    removed: bool


class EntityActivity(Protocol):
    """The questions from which silence is computed; a change is a state change, a sign is a sign of life."""

    async def last_changes(self, start_ns: int, entity_ids: Collection[str] | None = None) -> Iterable[LastChange]:
        """Return the newest state change since `start_ns` of these or all entities, once for each of their series."""
        ...

    async def long_unchanged(self, before_ns: int, limit: int, known: Collection[HomeEntity]) -> Iterable[LastChange]:
        """Return the newest state change of at least the first `limit` unchanged since `before_ns`, without `known`."""
        ...

    async def last_signs(self, start_ns: int) -> Mapping[HomeEntity, int]:
        """Return the newest sign of life since `start_ns` of every entity."""
        ...

    async def changes(self, time_range: TimeRange) -> Mapping[HomeEntity, int]:
        """Return the number of events of each entity, at least as many as it has state changes."""
        ...

    async def hours(self, entity_ids: Collection[str], time_range: TimeRange) -> Iterable[tuple[HomeEntity, int]]:
        """Return the hours since 1970 in which these entities changed or gave a sign of life."""
        ...


async def silent_entities(activity: EntityActivity, renames: Renames, question: SilentEntities) -> list[EntitySilence]:
    """Return silent entities: with `before_ns` the longest silence first, without it the largest factor first."""
    since_ns = (question.now_ns - LOOK_BACK_NS) // HOUR_NS * HOUR_NS
    changed, removed = _newest(await activity.last_changes(since_ns))
    signs = await activity.last_signs(since_ns)
    if question.before_ns is not None:
        # Entities of other homes may be older: then all are read.
        wanted = question.limit + len(renames.given_up()) if question.homes == EVERY_HOME else _ALL
        old, gone = _newest(await activity.long_unchanged(since_ns, wanted, changed.keys() | signs.keys()))
        changed, removed = {**old, **changed}, removed | (gone - changed.keys())
    seen = {key: max(changed.get(key, BEGIN_NS), signs.get(key, BEGIN_NS)) for key in changed.keys() | signs.keys()}
    own = {**await _changes_of_renamed(activity, renames, signs.keys() - changed.keys()), **changed}
    last_seen = {
        key: time_ns
        for key, time_ns in seen.items()
        if key not in removed and _has_its_id(renames, key, own) and question.homes.include(key[0])
    }
    if question.before_ns is not None:
        silent = sorted((time_ns, key) for key, time_ns in last_seen.items() if time_ns < question.before_ns)
        chosen = {key: time_ns for time_ns, key in silent[: question.limit]}
        usual = await _usual(activity, renames, chosen, since_ns)
        return await _answers(activity, question, chosen, changed, usual)
    time_range = TimeRange(since_ns, question.now_ns)
    counts = await activity.changes(time_range)

    def may_be_silent(key: HomeEntity, time_ns: int) -> bool:
        is_counted = key not in signs and renames.since(*key) == BEGIN_NS
        least = least_usual_ns(counts.get(key, 0)) if is_counted else HOUR_NS
        return question.now_ns - time_ns >= question.factor * least

    suspects = {key: time_ns for key, time_ns in last_seen.items() if may_be_silent(key, time_ns)}
    usual = await _usual(activity, renames, suspects, since_ns)
    factors = {key: (question.now_ns - suspects[key]) / usual_ns for key, usual_ns in usual.items()}
    order = sorted((-factor, key) for key, factor in factors.items() if factor >= question.factor)
    chosen = {key: suspects[key] for _, key in order[: question.limit]}
    return await _answers(activity, question, chosen, changed, usual)


def _has_its_id(renames: Renames, key: HomeEntity, changed: Mapping[HomeEntity, int]) -> bool:
    """Return whether an entity has this id; a sign of life without a change since the last rename is no proof."""
    since_ns = renames.since(*key)
    return since_ns == BEGIN_NS or changed.get(key, BEGIN_NS) >= since_ns


async def _changes_of_renamed(
    activity: EntityActivity, renames: Renames, keys: Collection[HomeEntity]
) -> dict[HomeEntity, int]:
    """Return the last changes of renamed entities that are unchanged for longer than the look back."""
    renamed = {entity_id for home, entity_id in keys if renames.since(home, entity_id) != BEGIN_NS}
    return _newest(await activity.last_changes(BEGIN_NS, renamed))[0] if renamed else {}


def usual_hours(hours: Iterable[int], last: int) -> int | None:
    """Return the usual longest silence of an entity, from the hours of its activity up to the last one.

    Days are counted back from that hour; the silence of a day is the longest time since the previous activity in any of
    its hours. None if fewer than LEAST_DAYS are known.
    """
    active = sorted({hour for hour in hours if last - _HOURS_PER_DAY * ACTIVITY_DAYS <= hour <= last})
    days = (last - active[0]) // _HOURS_PER_DAY if active else 0
    if days < LEAST_DAYS:
        return None
    longest = [0] * days
    for before, after in pairwise(active):
        newest, oldest = (last - after) // _HOURS_PER_DAY, (last - before - 1) // _HOURS_PER_DAY
        for day in range(newest, min(oldest + 1, days)):
            longest[day] = max(longest[day], min(after, last - day * _HOURS_PER_DAY) - before)
    return sorted(longest)[math.ceil(days * _SHARE_OF_DAYS) - 1]


def least_usual_ns(changes: int) -> float:
    """Return a lower bound of the usual interval for so many changes in the look back, which excludes most entities.

    On at least LEAST_DAYS days no silence is longer than the usual interval u, which takes 24 h / u - 1 changes a day.
    """
    return max(HOUR_NS, DAY_NS / (changes / LEAST_DAYS + 1))


async def _usual(
    activity: EntityActivity, renames: Renames, seen: Mapping[HomeEntity, int], since_ns: int
) -> dict[HomeEntity, int]:
    """Return the usual intervals of entities in nanoseconds, where they are known."""
    seen = {key: time_ns for key, time_ns in seen.items() if time_ns >= since_ns}
    id_ranges = {key: [s for s in renames.id_ranges(key[1]) if s.homes.include(key[0])] for key in seen}
    ids = {id_range.entity_id for each in id_ranges.values() for id_range in each}
    if not ids:
        return {}
    hours: dict[HomeEntity, set[int]] = defaultdict(set)
    for key, hour in await activity.hours(ids, TimeRange(since_ns, max(seen.values()) + 1)):
        hours[key].add(hour)
    usual = {}
    for (home, entity_id), time_ns in seen.items():
        own = {
            hour
            for id_range in id_ranges[home, entity_id]
            for hour in hours[home, id_range.entity_id]
            if id_range.start_ns < (hour + 1) * HOUR_NS and hour * HOUR_NS < id_range.end_ns
        }
        found = usual_hours(own, time_ns // HOUR_NS)
        if found is not None:
            usual[home, entity_id] = found * HOUR_NS
    return usual


async def _answers(
    activity: EntityActivity,
    question: SilentEntities,
    chosen: Mapping[HomeEntity, int],
    changed: Mapping[HomeEntity, int],
    usual: Mapping[HomeEntity, int],
) -> list[EntitySilence]:
    missing = [entity_id for home, entity_id in chosen if (home, entity_id) not in changed]
    if missing:  # with signs of life, but unchanged for longer than the look back
        changed = {**_newest(await activity.last_changes(BEGIN_NS, missing))[0], **changed}
    return [
        EntitySilence(
            home=key[0],
            entity_id=key[1],
            seen_ns=seen_ns,
            changed_ns=changed.get(key, seen_ns),
            silent_ns=question.now_ns - seen_ns,
            usual_ns=usual.get(key),
        )
        for key, seen_ns in chosen.items()
    ]


def _newest(changes: Iterable[LastChange]) -> tuple[dict[HomeEntity, int], set[HomeEntity]]:
    """Return the time of the newest change of every entity, and the entities that it removed."""
    newest: dict[HomeEntity, LastChange] = {}
    for change in changes:
        key = (change.home, change.entity_id)
        known = newest.get(key)
        if known is None or (change.time_ns, change.removed) > (known.time_ns, known.removed):
            newest[key] = change
    times = {key: change.time_ns for key, change in newest.items()}
    return times, {key for key, change in newest.items() if change.removed}
