"""Writes docs/reference/openapi.json from the Admin API's routes; the dashboard's types come from it."""

from __future__ import annotations

import json
from pathlib import Path

from admin_api.openapi import openapi_text

TARGET = Path(__file__).resolve().parents[1] / "docs/reference/openapi.json"

if __name__ == "__main__":
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(openapi_text(), encoding="utf-8")
    print(f"{TARGET.name}: {len(json.loads(openapi_text())['paths'])} paths")
