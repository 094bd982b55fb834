"""The store: points in, questions asked, typed answers out; `open_store()` picks the dialect."""

from ha_ingestor_store.factory import open_store
from ha_ingestor_store.store import Store

__all__ = ["Store", "open_store"]
