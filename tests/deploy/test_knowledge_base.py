"""The index of the knowledge base names its pages, and the examples on the pages match the code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_store.influx.influxql.selections import Part
from ha_ingestor_store.influx.influxql.window_queries import WindowQueries
from ha_ingestor_store.time_range import MINUTE_NS

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "kb" / "context7-cache"
PAGES: list[dict[str, Any]] = yaml.safe_load((FOLDER / "index.yaml").read_text(encoding="utf-8"))["pages"]
PLANNED = {
    "influxdb-admin-api-query-patterns.md",
    "data-flow-architecture-fix-pattern.md",
    "influxdb-python-patterns.md",
}
START_NS = 1_793_491_200 * NS_PER_S  # 2026-11-01
HOUR = Part("home_assistant_events", False, START_NS, START_NS + 60 * MINUTE_NS)
QUERIES = WindowQueries("")


# plan: 1-kb
def test_the_index_names_every_page_and_no_other() -> None:
    named = [page["file"] for page in PAGES]
    assert sorted(named) == sorted(path.name for path in FOLDER.glob("*.md") if path.name != "README.md")
    assert set(named) >= PLANNED


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page["file"]))
def test_the_index_says_what_the_page_says(page: dict[str, Any]) -> None:
    text = (FOLDER / page["file"]).read_text(encoding="utf-8")
    assert text.startswith(f"# {page['title']}\n")
    assert [path for path in page["code"] if not (ROOT / path).is_file()] == []
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    for library, version in re.findall(r"\b(influxdb-client) ([0-9.]+[0-9])", text):
        assert f"\n{library}=={version} " in lock
    assert page["library"] is None or f"\n{page['library']}==" in lock


def test_the_queries_of_the_page_are_those_that_are_sent() -> None:
    text = (FOLDER / "influxdb-admin-api-query-patterns.md").read_text(encoding="utf-8")
    shown = [" ".join(query.split()) for query in re.findall(r"```sql\n(.+?)```", text, re.DOTALL)]
    assert shown == [QUERIES.counts([HOUR], ()).text, QUERIES.window_counts([HOUR], 5 * MINUTE_NS).text]


@pytest.mark.parametrize("page", sorted(PLANNED))
def test_the_python_of_a_page_can_be_imported(page: str) -> None:
    for code in re.findall(r"```python\n(.+?)```", (FOLDER / page).read_text(encoding="utf-8"), re.DOTALL):
        exec(compile(code, page, "exec"), {})
