"""Puts into the wheel what is no Python: the built dashboard, the alert rules and the runbooks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

DASHBOARD = "services/health-dashboard/dist"
SHIPPED = {
    DASHBOARD: "admin_api/dashboard",
    "infrastructure/alert-rules.yaml": "admin_api/alerts/alert-rules.yaml",
    "docs/runbooks": "admin_api/alerts/runbooks",
}
"""Where `admin_api.shipped` looks for each."""


class ShippedFiles(BuildHookInterface):  # type: ignore[type-arg]
    """Adds the files to a wheel; an editable install finds them in the checkout."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the files to add. Raises FileNotFoundError where the dashboard has not been built."""
        if version == "editable":
            return
        if not (Path(self.root) / DASHBOARD / "index.html").is_file():
            raise FileNotFoundError(f"{DASHBOARD} has not been built: run make build")
        if self.target_name == "wheel":
            build_data["force_include"].update(SHIPPED)
