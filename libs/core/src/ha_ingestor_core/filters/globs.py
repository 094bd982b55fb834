"""Globs of `*` and `?`, as callers write them for entity ids: case-sensitive, and a `[` stands for itself."""

from __future__ import annotations

import fnmatch
import re


def glob(pattern: str) -> re.Pattern[str]:
    """Return the expression whose `fullmatch` says whether a text matches; it never backtracks, however many stars."""
    return re.compile(fnmatch.translate(pattern.replace("[", "[[]")))
