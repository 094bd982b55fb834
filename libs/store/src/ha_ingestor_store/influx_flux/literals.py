"""Values as Flux literals: the one place where a value becomes query text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ha_ingestor_store.time_range import MINUTE_NS

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# The lexer of 2.x takes a `$` together with the backslash behind it: the quote of `$\"` would end the string, and the
# brace of `$\${` begin an interpolation. So no `$` stands for itself.
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "$": "\\x24"}


def string(value: str) -> str:
    """A string: no quote, backslash, control character or `$` means anything in it."""
    return '"' + "".join(map(_escaped, value)) + '"'


def time(time_ns: int) -> str:
    """A time to the nanosecond."""
    moment = _EPOCH + timedelta(seconds=time_ns // 1_000_000_000)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{time_ns % 1_000_000_000:09d}Z"


def duration(length_ns: int) -> str:
    """A duration of whole minutes."""
    return f"{length_ns // MINUTE_NS}m"


def regex(expression: str) -> str:
    """A regular expression that `glob_expression` built: it holds no slash."""
    return f"/{expression}/"


def strings(values: tuple[str, ...]) -> str:
    """An array of strings."""
    return f"[{', '.join(map(string, values))}]"


def _escaped(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    return f"\\x{ord(char):02x}" if ord(char) < 0x20 or ord(char) == 0x7F else char
