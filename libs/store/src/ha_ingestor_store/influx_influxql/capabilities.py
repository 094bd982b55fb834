"""What this dialect can do, and how its version answers, as data."""

from __future__ import annotations

from ha_ingestor_store.influx.reading.language import DialectCapabilities
from ha_ingestor_store.influx.server.write_answers import V1_ANSWERS

CAPABILITIES = DialectCapabilities(language="InfluxQL", write_answers=V1_ANSWERS)
