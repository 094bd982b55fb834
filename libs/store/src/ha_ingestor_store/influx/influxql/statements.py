"""InfluxQL as text: strings are bound as parameters, times and windows are integers.

Only fixed names and the expression of a glob, in which every special character is escaped, are part of the text.
"""

from __future__ import annotations

from collections.abc import Iterable

from ha_ingestor_core.clock import NS_PER_S
from msgspec import Struct

from ha_ingestor_store.influx.schema import COUNT, EVENTS, MAX_TIME_NS, MIN_TIME_NS
from ha_ingestor_store.influx.tags import encode_tag
from ha_ingestor_store.questions import Homes
from ha_ingestor_store.time_range import MINUTE_NS


class Question(Struct, frozen=True):
    """The statements of one request, and the values of the `$` names in them."""

    statements: tuple[str, ...]
    params: dict[str, str] = {}

    @property
    def text(self) -> str:
        """All statements, as they are sent."""
        return "; ".join(self.statements)


def question(*statements: str) -> Question:
    """Return a question without parameters."""
    return Question(statements)


class Statements:
    """Statements that share their parameters."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._params: dict[str, str] = {}
        self._names: dict[str, str] = {}

    def bind(self, value: str) -> str:
        """Return the `$` name that stands for a value."""
        name = self._names.get(value)
        if name is None:
            name = self._names[value] = f"p{len(self._params)}"
            self._params[name] = value
        return f"${name}"

    def add(self, text: str) -> None:
        """Add a statement."""
        self._texts.append(text)

    def question(self) -> Question:
        """Return all of them."""
        return Question(tuple(self._texts), self._params)


def identifier(name: str) -> str:
    """Return a quoted name."""
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def between(start_ns: int, end_ns: int) -> str:
    """Return the condition of a half-open range."""
    return f"time >= {start_ns} AND time < {end_ns}"


def by_window(window_ns: int) -> str:
    """Return what GROUP BY says of a window of whole minutes, or seconds."""
    return f"time({window_ns // NS_PER_S}s)" if window_ns % MINUTE_NS else f"time({window_ns // MINUTE_NS}m)"


def group_by(tags: tuple[str, ...]) -> str:
    """Return the GROUP BY of some tags; nothing for none."""
    return f" GROUP BY {', '.join(map(identifier, tags))}" if tags else ""


def tag_is(statements: Statements, tag: str, value: str) -> str:
    """Return the condition that a tag has a value."""
    return f"{identifier(tag)} = {statements.bind(encode_tag(value))}"


def and_tag_is(statements: Statements, tag: str, value: str | None) -> str:
    """Return the same as a further condition; nothing for None."""
    return "" if value is None else f" AND {tag_is(statements, tag, value)}"


def homes_are(statements: Statements, homes: Homes) -> list[str]:
    """Return the conditions of some homes."""
    if homes.only is not None:
        return [tag_is(statements, "home", homes.only)]
    return [f'"home" != {statements.bind(encode_tag(home))}' for home in homes.but]


def one_of(statements: Statements, entity_ids: Iterable[str]) -> str:
    """Return the condition that the entity is one of some; the empty name stands for none."""
    return f"({' OR '.join(tag_is(statements, 'entity_id', entity_id) for entity_id in entity_ids)})"


EVER = between(MIN_TIME_NS, MAX_TIME_NS)
ENTITY = ("home", "entity_id")
COUNT_FIELD = identifier(COUNT)
EVENTS_NAME = identifier(EVENTS)
