"""Write Grafana's dashboards, infrastructure/grafana/dashboards/*.json, from scripts/grafana."""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # for `python scripts/generate_grafana.py`, as the other generators are called

from scripts.grafana import admin_api, flow, home  # noqa: E402

FOLDER = ROOT / "infrastructure" / "grafana" / "dashboards"


def files() -> dict[str, str]:
    """The text of each dashboard, by the name of its file."""
    found = {"admin-api": admin_api.build(), "flow": flow.build(), "home": home.build()}
    return {f"{name}.json": json.dumps(built, indent=2) + "\n" for name, built in found.items()}


if __name__ == "__main__":
    for name, text in files().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
