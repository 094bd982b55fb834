"""Whether what is written is packed: not where it only goes to the same machine, and else as one is told."""

from __future__ import annotations

import pytest
from ha_ingestor_store.influx.settings import is_on_this_machine
from ha_ingestor_store.settings import StoreSettings


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:8086", True),
        ("http://127.0.1.1:8086", True),
        ("http://[::1]:8086", True),
        ("http://localhost:8086", True),
        ("http://192.168.1.7:8086", False),
        ("http://influxdb:8086", False),
        ("https://localhost.example.org", False),
        ("", False),
    ],
)
def test_a_loopback_address_is_known_by_its_looks(url: str, expected: bool) -> None:
    assert is_on_this_machine(url) is expected


@pytest.mark.parametrize(
    ("url", "told", "packs"),
    [
        ("http://127.0.0.1:8086", None, False),
        ("http://influxdb:8086", None, True),
        ("http://127.0.0.1:8086", "true", True),
        ("http://influxdb:8086", "false", False),
    ],
)
def test_what_is_written_is_packed_where_the_way_is_long_or_as_told(
    monkeypatch: pytest.MonkeyPatch, url: str, told: str | None, packs: bool
) -> None:
    monkeypatch.setenv("INFLUXDB_URL", url)
    if told:
        monkeypatch.setenv("INFLUXDB_GZIP", told)
    assert StoreSettings.model_validate({}).influx().packs is packs
