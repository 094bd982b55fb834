"""The 404 for an unknown name, with the nearest known ones."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from ha_ingestor_core.errors import NotFoundError

_LISTED = 10
_NEAREST = 3


def unknown_name(kind: str, name: str, known: Iterable[str]) -> NotFoundError:
    """The error for a name that nobody has; it lists the known ones where they are few, else the nearest."""
    names = sorted(set(known))
    nearest = get_close_matches(name, names, n=_NEAREST, cutoff=0.6)
    if len(names) <= _LISTED:
        hint = f"Known: {', '.join(names)}." if names else f"No {kind} is known yet."
    else:
        hint = f"Did you mean {' or '.join(nearest)}?" if nearest else "No name is close to it."
    return NotFoundError(f"There is no {kind} {name}. {hint}", **{kind: name}, nearest=nearest)
