"""The pages of the dashboard, each with its main element."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from playwright.async_api import Locator

_WELL = re.compile("captured and stored")
"""In the headline of the overview while all services and the store are available, also while a gap is being filled."""

ENTITY = "sensor.outdoor_temperature"
"""Of the demo home."""


class DashboardPage(NamedTuple):
    """A page: name, address, main element, and whether the navigation has it."""

    name: str
    path: str
    main_thing: Callable[[Locator], Locator]
    is_in_navigation: bool = True


def _heading(name: str) -> Callable[[Locator], Locator]:
    return lambda main: main.get_by_role("heading", name=name, exact=True, level=1)


PAGES = [
    DashboardPage("Overview", "/", lambda main: main.get_by_role("heading", name=_WELL, level=1)),
    DashboardPage("Data flow", "/flow", _heading("Data flow")),
    DashboardPage("Entities", "/entities", _heading("Entities")),
    DashboardPage("Entity", f"/entities/{ENTITY}", _heading("Outdoor temperature"), is_in_navigation=False),
    DashboardPage("Events", "/events", _heading("Events")),
    DashboardPage("Services", "/services", _heading("Services")),
    DashboardPage("Alerts", "/alerts", _heading("Alerts")),
    DashboardPage("Records", "/records", _heading("Records")),
    DashboardPage("Settings", "/settings", _heading("Settings")),
]
