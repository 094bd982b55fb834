"""Readings of the enrichment-pipeline."""

from __future__ import annotations

import pytest
from admin_api.alerts.readings.pipeline_readings import PIPELINE_WATCHES, read_pipeline
from admin_api.alerts.readings.reading import Found
from admin_api.alerts.rules import Watch
from admin_api.peers.status import EnrichmentStatus, RejectedFile, Storage, Unreachable


def test_failing_writes_have_the_message_of_the_server() -> None:
    status = EnrichmentStatus(storage=Storage(last_error="InfluxDB answered 400 to a write: no", failing_s=61.5))
    found = read_pipeline(Watch.WRITES_FAILING, status)
    assert found == {"enrichment-pipeline": Found(61.5, ("InfluxDB answered 400 to a write: no",))}


def test_a_file_that_takes_no_more_rejected_events_holds_writes_up_as_well() -> None:
    status = EnrichmentStatus(rejected_file=RejectedFile(bytes=9, limit_bytes=10, last_error="full", failing_s=70.0))
    assert read_pipeline(Watch.WRITES_FAILING, status) == {"enrichment-pipeline": Found(70.0, ("full",))}
    assert read_pipeline(Watch.REJECTED_FILE, status) == {"enrichment-pipeline": Found(90.0)}


def test_a_pipeline_that_writes_clears_its_alert() -> None:
    assert read_pipeline(Watch.WRITES_FAILING, EnrichmentStatus()) == {"enrichment-pipeline": Found(0.0)}


@pytest.mark.parametrize("watch", sorted(PIPELINE_WATCHES))
def test_without_an_answer_the_reading_is_unknown(watch: Watch) -> None:
    assert read_pipeline(watch, Unreachable("away")) is None


def test_a_file_of_unknown_size_is_unknown() -> None:
    assert read_pipeline(Watch.REJECTED_FILE, EnrichmentStatus()) is None
