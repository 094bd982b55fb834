"""Runbooks as HTML."""

from __future__ import annotations

import re

import pytest
from admin_api.alerts.runbook_page import runbook_page


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("[the lag](lag.md)", '<p><a href="lag">the lag</a></p>'),
        ("[InfluxDB](admin-api-influxdb.md)", '<p><a href="admin-api-influxdb">InfluxDB</a></p>'),
        ("[filters](../filters.md)", "<p><a>filters</a></p>"),
        ("[manual](https://www.example.org/x)", '<p><a href="https://www.example.org/x">manual</a></p>'),
        ("a `code` of 1 < 2", "<p>a <code>code</code> of 1 &lt; 2</p>"),
    ],
)
def test_links_lead_to_other_runbooks_or_nowhere(markdown: str, html: str) -> None:
    assert html in runbook_page("x", markdown)


def test_html_in_a_runbook_is_text() -> None:
    page = runbook_page("<x>", "<script>alert(1)</script>")
    assert "<script>" not in page
    assert "<title>&lt;x&gt;" in page


def test_the_style_is_found_below_any_prefix() -> None:
    assert re.search(r'href="(\.\./){3}runbook\.css"', runbook_page("x", ""))
