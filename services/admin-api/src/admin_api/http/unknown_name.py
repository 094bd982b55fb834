"""The 404 for an unknown name, with similar known names."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from ha_ingestor_core.errors import NotFoundError

_LISTED = 10
_NEAREST = 3


def unknown_name(kind: str, name: str, known: Iterable[str]) -> NotFoundError:
    """Return the error for an unknown name; it lists the known names if they are few, otherwise similar ones."""
    names = sorted(set(known))
    nearest = get_close_matches(name, names, n=_NEAREST, cutoff=0.6)
    if len(names) <= _LISTED:
        hint = f"Known: {', '.join(names)}." if names else f"No {kind} is known yet."
    else:
        hint = f"Did you mean {' or '.join(nearest)}?" if nearest else "No known name is similar."
    return NotFoundError(f"Unknown {kind} {name}. {hint}", **{kind: name}, nearest=nearest)
