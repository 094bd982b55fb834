"""How many events may be inside at once."""

from __future__ import annotations

import pytest
from enrichment_pipeline.admission import Admission
from ha_ingestor_core.errors import BackpressureError


def test_events_inside_are_counted_until_their_end() -> None:
    admission = Admission(limit=10)
    with admission.admit(4):
        assert admission.depth == 4
    assert admission.depth == 0


def test_a_batch_beyond_the_limit_is_refused_with_a_retry_time() -> None:
    admission = Admission(limit=10)
    with admission.admit(8), pytest.raises(BackpressureError, match="the limit is 10") as caught, admission.admit(3):
        pass
    assert caught.value.retry_after_s
    assert admission.depth == 0


def test_an_empty_pipeline_takes_a_batch_of_any_size() -> None:
    with Admission(limit=10).admit(1000):
        pass


def test_room_is_given_back_after_a_failure() -> None:
    admission = Admission(limit=10)
    with pytest.raises(ValueError, match="x"), admission.admit(4):
        raise ValueError("x")
    assert admission.depth == 0
