"""How far the events of a spool are on their way: through the disk and the memory to the acknowledgement."""

from __future__ import annotations

from msgspec import Struct


class Progress(Struct):
    """The number of the last event that got so far.

    `durable_id`: synced to the disk. `loaded_id`: in memory for delivery, or lost. `acknowledged_id`: ended, as all
    before it; `saved_id`: the same in the cursor file. `urgent_id`: does not wait to share a write.
    """

    durable_id: int = 0
    loaded_id: int = 0
    acknowledged_id: int = 0
    saved_id: int = 0
    urgent_id: int = 0

    @property
    def is_behind(self) -> bool:
        """Whether more is durable than memory holds."""
        return self.loaded_id < self.durable_id
