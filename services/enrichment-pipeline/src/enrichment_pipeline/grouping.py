"""Batches that are written together: merging them, and sharing out what became of them."""

from __future__ import annotations

from collections.abc import Sequence

from ha_ingestor_core.delivery import Receipt, Rejection
from ha_ingestor_store.answers import RejectedPoint, WriteResult

from enrichment_pipeline.prepare import Prepared


def share(group: Sequence[Prepared], result: WriteResult) -> list[Receipt]:
    """The receipt of each batch of a group.

    The store counts the duplicates of a write as a whole; they go to the batches in their order, as many as each can
    hold. A batch written alone gets exactly its own, and over a group the sums are exact.
    """
    receipts = []
    duplicates = result.duplicate
    for prepared, refused in zip(group, _refused(group, result.rejected), strict=True):
        stored = len(prepared.points) - len(refused)
        mine = min(duplicates, stored)
        duplicates -= mine
        rejected = sorted([*prepared.rejections, *refused], key=lambda rejection: rejection.index)
        filtered = prepared.filtered.total()
        receipts.append(Receipt(written=stored - mine, duplicate=mine, filtered=filtered, rejected=rejected))
    return receipts


def _refused(group: Sequence[Prepared], points: Sequence[RejectedPoint]) -> list[list[Rejection]]:
    """What the store refused, by batch, with indices in the batch instead of in the write."""
    found: list[list[Rejection]] = []
    offset = 0
    for prepared in group:
        end = offset + len(prepared.points)
        found.append(
            [
                Rejection(index=prepared.indices[point.index - offset], key=point.key, message=point.message)
                for point in points
                if offset <= point.index < end
            ]
        )
        offset = end
    return found
