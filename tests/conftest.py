"""Fixtures shared by all tests."""

from __future__ import annotations

from tests.influxdb_fixtures import influxdb, influxdb_1, influxdb_2, store_variables

__all__ = ["influxdb", "influxdb_1", "influxdb_2", "store_variables"]
