"""The store: points to write, questions and typed answers; `open_store()` chooses the dialect."""

from ha_ingestor_store.factory import open_store
from ha_ingestor_store.store import Store

__all__ = ["Store", "open_store"]
