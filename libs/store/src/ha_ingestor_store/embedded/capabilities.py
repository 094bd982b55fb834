"""What the embedded dialect can do, as data."""

from __future__ import annotations

from ha_ingestor_store.store import Capabilities, Source

CAPABILITIES = Capabilities(source=Source.EMBEDDED, transactional_rollups=True)
