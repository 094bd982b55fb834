"""What rarely changes about an entity, as points of `entities`: a distinct set each, named by a short hash."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, NamedTuple

from ha_ingestor_core.clock import NS_PER_S

from ha_ingestor_store.influx.schema import FACTS_TIME_NS
from ha_ingestor_store.points import FACTS, Facts

FACTS_WITHIN_NS = 3_600 * NS_PER_S
"""The points of `entities` lie within one hour, so that a question opens one shard; 2 to the power of 41 hashes."""
NO_FACTS: Facts = (None,) * len(FACTS)
_ATTRIBUTES = FACTS.index("attributes")


class FactsName(NamedTuple):
    """What an event refers to: the hash alone is not found fast, and is the same for entities that are alike."""

    home: str
    entity_id: str | None
    hash: str


def facts_hash(facts: Facts) -> str:
    """The hash of a set; what is missing differs from what is empty."""
    text = "".join("-" if part is None else f"{len(part)}:{part}" for part in facts)
    digest = blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest()
    return f"{int.from_bytes(digest) % FACTS_WITHIN_NS:011x}"


def facts_time_ns(hash_: str) -> int:
    """The time of the point of a set: two sets of one entity at one nanosecond would merge."""
    return FACTS_TIME_NS + int(hash_, 16)


def facts_in(values: Mapping[str, Any]) -> Facts:
    """The set that the fields of a point tell."""
    return tuple(values.get(name) for name in FACTS)


def without_attributes(facts: Facts) -> Facts:
    """The same set, where the attributes are kept with the event."""
    return (*facts[:_ATTRIBUTES], None, *facts[_ATTRIBUTES + 1 :])


def attributes_in(facts: Facts) -> str | None:
    """The attributes of a set."""
    return facts[_ATTRIBUTES]
