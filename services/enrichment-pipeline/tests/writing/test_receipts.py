"""The receipts of batches that are written together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from enrichment_pipeline.points.point_builder import PointBuilder
from enrichment_pipeline.points.prepared_batch import prepare
from enrichment_pipeline.writing.receipts import receipts_of
from ha_ingestor_core.delivery import Receipt, Rejection
from ha_ingestor_core.events import EventBatch
from ha_ingestor_core.filters.event_filter import FilterRule
from ha_ingestor_store.answers import RejectedPoint, WriteResult
from hypothesis import given
from hypothesis import strategies as st

Batch = Callable[..., EventBatch]
Changes = Callable[..., list[dict[str, Any]]]


async def _prepared(batch: EventBatch) -> Any:
    return await prepare(batch, PointBuilder(batch.home))


async def test_a_batch_alone_gets_what_the_store_said(batch: Batch, changes: Changes) -> None:
    group = [await _prepared(batch(*changes(5)))]
    assert receipts_of(group, WriteResult(written=2, duplicates=[0, 2, 4]), {}) == [Receipt(written=2, duplicate=3)]


async def test_refused_points_are_reported_by_their_index_in_the_batch(batch: Batch, changes: Changes) -> None:
    first = await _prepared(batch(*changes(2)))
    second = await _prepared(batch(b"{}", *changes(2)))
    result = WriteResult(written=3, rejected=[RejectedPoint(3, "type_conflict", "no")])
    receipts = receipts_of([first, second], result, {})
    assert receipts[0] == Receipt(written=2)
    assert receipts[1].written == 1
    assert [(r.index, r.key) for r in receipts[1].rejected] == [(0, "missing_field"), (2, "type_conflict")]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), min_size=1, max_size=6), st.data())
def test_receipts_add_up_by_batch_and_over_the_group(sizes: list[tuple[int, int]], data: st.DataObject) -> None:
    group: list[Any] = [_Sized(points, rejections) for points, rejections in sizes]
    points = sum(size for size, _ in sizes)
    refused = sorted(data.draw(st.sets(st.integers(0, points - 1)))) if points else []
    others = sorted(set(range(points)) - set(refused))
    duplicates = sorted(data.draw(st.sets(st.sampled_from(others)))) if others else []
    rejected = [RejectedPoint(index, "key", "message") for index in refused]
    result = WriteResult(points - len(refused) - len(duplicates), duplicates, rejected)
    receipts = receipts_of(group, result, {})
    offset = 0
    for (size, rejections), receipt in zip(sizes, receipts, strict=True):
        assert receipt.duplicate == sum(offset <= index < offset + size for index in duplicates)
        offset += size
        assert receipt.written + receipt.duplicate + len(receipt.rejected) == size + rejections
        assert receipt.filtered == rejections
    assert sum(receipt.written for receipt in receipts) == result.written
    assert sum(receipt.duplicate for receipt in receipts) == result.duplicate


class _Sized:
    """As much of a PreparedBatch as sharing looks at."""

    def __init__(self, points: int, rejections: int) -> None:
        self.points = [None] * points
        self.expired: list[Any] = []
        self.indices = list(range(points))
        self.rejections = [Rejection(points + n, "malformed", "no") for n in range(rejections)]
        self.filtered = dict.fromkeys(range(rejections), FilterRule.EXCLUDED_ENTITY)
