"""Write infrastructure/env.example and docs/reference/settings.md from the settings classes."""

from __future__ import annotations

from pathlib import Path

from ha_ingestor.settings.reference import env_example, markdown

ROOT = Path(__file__).parents[1]

if __name__ == "__main__":
    (ROOT / "infrastructure" / "env.example").write_text(env_example(), encoding="utf-8")
    (ROOT / "docs" / "reference" / "settings.md").write_text(markdown(), encoding="utf-8")
