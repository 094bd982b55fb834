"""Events as lines, and the points of `entities` that they name: most of an event repeats, and is written once."""

from __future__ import annotations

from collections.abc import Container

from ha_ingestor_core.events import OriginKind
from msgspec import Struct

from ha_ingestor_store.influx.entity_facts import (
    NO_FACTS,
    attributes_in,
    facts_hash,
    facts_time_ns,
    without_attributes,
)
from ha_ingestor_store.influx.schema import ABSENT, ENTITIES, EVENT_TAGS, EVENTS, FACTS_HASH, OWN_TEXTS, USUAL_ORIGIN
from ha_ingestor_store.influx.writing.line_protocol import quoted, series_text
from ha_ingestor_store.points import FACTS, EventPoint, Facts, SeriesKey

_SERIES_LIMIT = 200_000
_SETS_LIMIT = 50_000
_SETS_CHARACTERS = 16_000_000
_FIRST_SETS = 4
_REPEATS_A_SET = 4
"""A point of `entities` pays from three (CPU) to five (disk) events on."""
_LONGEST_SHARED = 16_000
"""Characters of attributes that are worth a point of `entities`; longer ones could be refused on their own."""

_KIND = {kind: f'origin_kind="{kind.value}"' for kind in OriginKind}
_LIVE = OriginKind.LIVE
_Named = tuple[str, str | None]
"""The field that names the facts, and the attributes where they stay with the event."""


SetOfSeries = tuple[SeriesKey, Facts]


class NewFacts(Struct, frozen=True):
    """A point of `entities` that has not been acknowledged yet."""

    series: SeriesKey
    facts: Facts
    line: str


class EventEncoder:
    """Encodes events; remembers the text of every series, and the sets of facts that the store has.

    Attributes that repeat are among the facts, in a point of `entities`. Of those that change with every event the
    first few are, and the rest stay with their events: a series gets one more set for every few that repeated.
    """

    def __init__(self) -> None:
        self._series: dict[SeriesKey, _Series] = {}
        self._sets = 0
        self._characters = 0
        self._new: list[NewFacts] = []

    def line(self, point: EventPoint) -> str:
        """The line of an event of which the store has no other version."""
        series, (facts, attributes) = self._named(point)
        own = _own_fields(point)
        if attributes is not None:
            own += f",attributes={quoted(attributes)}"
        return f"{series} count=1.0{own}{facts} {point.time_ns}"

    def replacing_line(self, point: EventPoint) -> str:
        """The line of an event of which the store may have another version: it says what this one does not have."""
        series, (facts, attributes) = self._named(point)
        texts = {name: getattr(point, name) for name in OWN_TEXTS} | {"attributes": attributes}
        absent = [name for name, text in texts.items() if text is None]
        fields = [f"{name}={quoted(text or '')}" for name, text in texts.items()]
        if point.value is None:
            absent.append("value")
        else:
            fields.append(f"value={point.value!r}")
        fields += [f"removed={'true' if point.removed else 'false'}", _KIND[point.origin_kind]]
        fields.append(f'{ABSENT}="{",".join(absent)}"')
        facts = facts or f',{FACTS_HASH}=""'
        return f"{series} count=1.0,{','.join(fields)}{facts} {point.time_ns}"

    @property
    def new_facts(self) -> list[NewFacts]:
        """What the lines made so far name, and the store may not have: to be acknowledged before they are sent."""
        return list(self._new)

    def acknowledged(self) -> None:
        """Take the new facts for written."""
        self._new.clear()

    def forget_new(self) -> None:
        """Make the new facts again for the next line that names them."""
        for new in self._new:
            if (series := self._series.get(new.series)) is not None and series.sets.pop(new.facts, None) is not None:
                series.shared -= attributes_in(new.facts) is not None
        self._new.clear()

    def forget_sets(self) -> None:
        """Make all facts again for the next line that names them."""
        self._sets = self._characters = 0
        for series in self._series.values():
            series.sets.clear()
            series.shared = 0

    def _named(self, point: EventPoint) -> tuple[str, _Named]:
        key = (point.home, point.event_type, point.domain, point.entity_id)
        series = self._series.get(key) or self._remember_series(key)
        facts = point.facts
        named = series.sets.get(facts)
        if named is not None:
            series.repeats += 1
            return series.text, named
        attributes = attributes_in(facts)
        if attributes is None or series.shares(attributes):
            return series.text, self._remember(key, series, facts)
        rest = without_attributes(facts)
        text, _ = series.sets.get(rest) or self._remember(key, series, rest)
        return series.text, (text, attributes)

    def _remember_series(self, key: SeriesKey) -> _Series:
        if len(self._series) >= _SERIES_LIMIT:
            self._series.clear()
        series = self._series[key] = _Series(series_text(EVENTS, dict(zip(EVENT_TAGS, key, strict=True))))
        return series

    def _remember(self, key: SeriesKey, series: _Series, facts: Facts) -> _Named:
        self._sets += 1
        self._characters += sum(len(part) for part in facts if part)
        if self._sets > _SETS_LIMIT or self._characters > _SETS_CHARACTERS:
            self.forget_sets()
        text = ""
        if facts != NO_FACTS:
            name = facts_hash(facts)
            text = f',{FACTS_HASH}="{name}"'
            self._new.append(NewFacts(key, facts, facts_line(key[0], key[3], facts, name)))
        named = series.sets[facts] = (text, None)
        series.shared += attributes_in(facts) is not None
        return named


class _Series:
    """What is remembered of a series: its text, its sets of facts, and how often its attributes repeated."""

    __slots__ = ("_last", "repeats", "sets", "shared", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.sets: dict[Facts, _Named] = {}
        self.shared = 0
        self.repeats = 0
        self._last = 0

    def shares(self, attributes: str) -> bool:
        """Whether attributes that are new are worth a point of their own."""
        if len(attributes) > _LONGEST_SHARED:
            return False
        last, self._last = self._last, hash(attributes)
        self.repeats += last == self._last
        return self.shared < _FIRST_SETS + self.repeats // _REPEATS_A_SET


def facts_line(home: str, entity_id: str | None, facts: Facts, name: str) -> str:
    """The line of a point of `entities`."""
    fields = [f"{field}={quoted(value)}" for field, value in zip(FACTS, facts, strict=True) if value is not None]
    series = series_text(ENTITIES, {"home": home, "entity_id": entity_id})
    return f"{series} {','.join([f'{FACTS_HASH}={quoted(name)}', *fields])} {facts_time_ns(name)}"


def refused_facts(point: EventPoint, refused: Container[SetOfSeries]) -> SetOfSeries | None:
    """The set of facts that an event names, if it is among the refused."""
    key, facts = point.series_key, point.facts
    return next((name for each in (facts, without_attributes(facts)) if (name := (key, each)) in refused), None)


def _own_fields(point: EventPoint) -> str:
    """What an event has of its own; what is usual is left out, and an empty text is one."""
    fields = "" if point.state is None else f",state={quoted(point.state)}"
    if point.value is not None:
        fields += f",value={point.value!r}"
    if point.old_state is not None:
        fields += f",old_state={quoted(point.old_state)}"
    if point.context_id is not None:
        fields += f",context_id={quoted(point.context_id)}"
    if point.data is not None:
        fields += f",data={quoted(point.data)}"
    if point.context_parent_id is not None:
        fields += f",context_parent_id={quoted(point.context_parent_id)}"
    if point.context_user_id is not None:
        fields += f",context_user_id={quoted(point.context_user_id)}"
    if point.removed:
        fields += ",removed=true"
    if point.origin_kind is not _LIVE:
        fields += f",{_KIND[point.origin_kind]}"
    if point.origin != USUAL_ORIGIN:
        fields += f',{ABSENT}="origin"' if point.origin is None else f",origin={quoted(point.origin)}"
    return fields
