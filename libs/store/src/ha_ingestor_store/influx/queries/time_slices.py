"""Slices of a long range, newest first: a query over years at once makes a server open every shard of them."""

from __future__ import annotations

Range = tuple[int, int]

_GROWTH = 16


def slices_back(start_ns: int, end_ns: int, first_ns: int, growth: float = _GROWTH) -> list[Range]:
    """Return the range in slices, newest first, each `growth` times as long as the one before."""
    slices: list[Range] = []
    length = first_ns
    while end_ns > start_ns:
        begin = max(start_ns, end_ns - length)
        slices.append((begin, end_ns))
        end_ns = begin
        length = round(length * growth)
    return slices
