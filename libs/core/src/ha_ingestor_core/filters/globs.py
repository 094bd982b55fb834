"""Globs of `*` and `?` for entity IDs: case-sensitive; `[` is literal."""

from __future__ import annotations

import fnmatch
import re


def glob(pattern: str) -> re.Pattern[str]:
    """Return the expression to match with `fullmatch`; it never backtracks, whatever the number of `*`."""
    return re.compile(fnmatch.translate(pattern.replace("[", "[[]")))
