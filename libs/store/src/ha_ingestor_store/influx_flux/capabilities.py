"""What this dialect can do, and how its version answers, as data."""

from __future__ import annotations

from ha_ingestor_store.influx.reading.language import DialectCapabilities
from ha_ingestor_store.influx.server.write_answers import V2_ANSWERS

CAPABILITIES = DialectCapabilities(language="Flux", write_answers=V2_ANSWERS)
