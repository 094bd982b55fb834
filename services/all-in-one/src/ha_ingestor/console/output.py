"""Output of the commands: text, or one JSON document with `--output json`; errors, and exit codes."""

from __future__ import annotations

import os
from collections.abc import Iterable
from enum import IntEnum, StrEnum
from typing import Any

from rich.console import Console, ConsoleDimensions, RenderableType

_UNBOUNDED = 100_000


class Format(StrEnum):
    """The output format of commands."""

    TEXT = "text"
    JSON = "json"


class ExitCode(IntEnum):
    """The exit codes of commands."""

    GOOD = 0
    FAILED = 1
    USAGE = 2
    UNREACHABLE = 3
    FINDING = 4


class Terminal(Console):
    """A console that wraps lines only on a terminal."""

    @property
    def size(self) -> ConsoleDimensions:
        """The size to wrap at; unlimited in a file or a pipe, unless COLUMNS is set."""
        size = super().size
        is_bounded = self.is_terminal or "COLUMNS" in os.environ
        return size if is_bounded else ConsoleDimensions(_UNBOUNDED, size.height)

    @size.setter
    def size(self, new_size: tuple[int, int]) -> None:
        self._width, self._height = new_size


out = Terminal(highlight=False, soft_wrap=True)
err = Terminal(stderr=True, highlight=False, soft_wrap=True)
_format = Format.TEXT


def set_format(format_: Format) -> None:
    """Set the output format."""
    global _format
    _format = format_


def is_json() -> bool:
    """Whether the output format is JSON."""
    return _format is Format.JSON


def show(data: Any, *lines: RenderableType) -> None:
    """Print a result: the lines, or the data as JSON."""
    if is_json():
        import msgspec

        out.print(msgspec.json.encode(data).decode(), markup=False)
        return
    for line in lines:
        out.print(line)


def note(*lines: RenderableType) -> None:
    """Print a message for people: to standard error if the output format is JSON."""
    for line in lines:
        (err if is_json() else out).print(line)


def fail(key: str, message: str, advice: Iterable[str] = ()) -> None:
    """Print an error to standard error; as JSON it has the format of the API's errors."""
    from rich.markup import escape

    if is_json():
        import msgspec

        err.print(msgspec.json.encode({"error": {"key": key, "message": message}}).decode(), markup=False)
        return
    err.print(f"[red]{key}[/red]: {escape(message)}")
    for line in advice:
        err.print(escape(line))
