"""The embedded store."""

from pathlib import Path


class EmbeddedStore:
    @classmethod
    async def open(cls, data_dir: Path) -> "EmbeddedStore":
        raise NotImplementedError
