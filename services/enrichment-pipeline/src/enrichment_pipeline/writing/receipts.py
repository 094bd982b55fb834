"""The receipts of batches that are written together."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence

from ha_ingestor_core.delivery import Receipt, Rejection
from ha_ingestor_store.answers import RejectedPoint, WriteResult

from enrichment_pipeline.points.prepared_batch import PreparedBatch
from enrichment_pipeline.rejected.database import EntityKey
from enrichment_pipeline.writing.expiry import count_known


def receipts_of(group: Sequence[PreparedBatch], result: WriteResult, known: Mapping[EntityKey, int]) -> list[Receipt]:
    """Return the receipt of each batch of a group.

    Expired points that are in `known` were counted as expired before, and are duplicates.
    """
    receipts = []
    offset = 0
    for prepared, refused in zip(group, _refused(group, result.rejected), strict=True):
        end = offset + len(prepared.points)
        duplicate = bisect_left(result.duplicates, end) - bisect_left(result.duplicates, offset)
        late = [prepared.points[at - offset] for at in result.expired if offset <= at < end]
        again = count_known([*prepared.expired, *late], known)
        receipts.append(
            Receipt(
                written=end - offset - len(refused) - duplicate - len(late),
                duplicate=duplicate + again,
                filtered=len(prepared.filtered),
                expired=len(prepared.expired) + len(late) - again,
                rejected=sorted([*prepared.rejections, *refused], key=lambda rejection: rejection.index),
            )
        )
        offset = end
    return receipts


def _refused(group: Sequence[PreparedBatch], points: Sequence[RejectedPoint]) -> list[list[Rejection]]:
    """Return the points that the store rejected, by batch, with their indices in the batch."""
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
