"""Divides a time range into whole windows, which rollups answer, and edges, which raw points answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ha_ingestor_store.time_range import TimeRange


class Piece(NamedTuple):
    """A part of a range that one source answers: whole windows of `grain_ns`, or raw points if that is 0.

    `sign` is -1 for a part to subtract.
    """

    grain_ns: int
    start_ns: int
    end_ns: int
    sign: int = 1


def grains_within(grains_ns: Iterable[int], window_ns: int) -> tuple[int, ...]:
    """Return the grains of which a window is a multiple."""
    return tuple(grain for grain in grains_ns if window_ns % grain == 0)


def plan_pieces(time_range: TimeRange, grains_ns: tuple[int, ...]) -> list[Piece]:
    """Divide a range into whole windows of the grains (ascending, each a multiple of the one before) and raw edges.

    The pieces cover the range exactly once, in order, each with the coarsest grain that fits.
    """
    if time_range.start_ns >= time_range.end_ns:
        return []
    if not grains_ns:
        return [Piece(0, time_range.start_ns, time_range.end_ns)]
    *finer, grain = grains_ns
    start = -(-time_range.start_ns // grain) * grain
    end = time_range.end_ns // grain * grain
    if start >= end:
        return plan_pieces(time_range, tuple(finer))
    return [
        *plan_pieces(TimeRange(time_range.start_ns, start), tuple(finer)),
        Piece(grain, start, end),
        *plan_pieces(TimeRange(end, time_range.end_ns), tuple(finer)),
    ]


def shorten_edges(pieces: list[Piece], finest_ns: int) -> list[Piece]:
    """Replace a raw edge by its whole window minus the rest, where the rest is shorter.

    The last edge is always replaced: in a period that ends now the rest of its window is in the future.
    """
    shortened: list[Piece] = []
    for at, piece in enumerate(pieces):
        window = piece.start_ns // finest_ns * finest_ns
        is_within_one = piece.grain_ns == 0 and piece.end_ns <= window + finest_ns
        rest = finest_ns - (piece.end_ns - piece.start_ns)
        is_last = at == len(pieces) - 1 and piece.start_ns == window
        if is_within_one and (is_last or rest < finest_ns / 2):
            shortened.append(Piece(finest_ns, window, window + finest_ns))
            shortened.append(Piece(0, window, piece.start_ns, -1))
            shortened.append(Piece(0, piece.end_ns, window + finest_ns, -1))
        else:
            shortened.append(piece)
    return [piece for piece in shortened if piece.start_ns < piece.end_ns]
