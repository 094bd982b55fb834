"""Tag values: what a tag cannot hold is percent-encoded, so that every entity id comes back as it was."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote

# A backslash swallows the separator behind it, and which characters follow one is not known where a glob is matched:
# so all are encoded. Control characters end the line, or hide in it.
_UNFIT = re.compile(r"[%\\\x00-\x1f\x7f]")
_MEANINGFUL = frozenset("\\.+*?()|[]{}^$/")
_WILDCARDS = {"*": "(?s:.*)", "?": "(?:%[0-9A-F]{2}|[^%])"}


def encode_tag(value: str) -> str:
    """The value as it is kept in a tag."""
    return _UNFIT.sub(lambda found: f"%{ord(found[0]):02X}", value)


def decode_tag(value: str) -> str:
    """The value that a tag stands for."""
    return unquote(value) if "%" in value else value


def glob_expression(glob: str) -> str:
    """A regular expression (RE2) over kept tag values for a glob of `*` and `?`; it never matches an absent tag.

    Whatever means something is escaped, the slash too, between which expressions stand. No more than that: Flux of 2.x
    checks expressions in Rust, which refuses to escape what needs no escape.
    """
    if glob and not glob.strip("*"):
        return "^(?s:.+)$"
    return "^" + "".join(_WILDCARDS.get(char) or _literal(encode_tag(char)) for char in glob) + "$"


def any_of_expression(values: Iterable[str]) -> str:
    """A regular expression (RE2) over kept tag values that matches one of some values, none of them empty."""
    return f"^({'|'.join(_literal(encode_tag(value)) for value in values)})$"


def _literal(text: str) -> str:
    return "".join(f"\\{char}" if char in _MEANINGFUL else char for char in text)
