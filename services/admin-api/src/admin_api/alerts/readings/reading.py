"""Readings: the values that rules are compared with, by service."""

from __future__ import annotations

from msgspec import Struct


class Found(Struct, frozen=True):
    """A value, and the names of the objects it refers to."""

    value: float
    names: tuple[str, ...] = ()


Reading = dict[str, Found]
"""Values by service; services without a value are missing."""
