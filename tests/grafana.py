"""The dashboards of Grafana as tests read them: their queries, with the variables filled in as Grafana does."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = Path(__file__).resolve().parents[1] / "infrastructure" / "grafana"
DASHBOARDS: dict[str, dict[str, Any]] = {
    path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted((FOLDER / "dashboards").glob("*.json"))
}
_LABEL_VALUES = re.compile(r"label_values\((\w+), (\w+)\)")


class Asked(NamedTuple):
    """One query of a panel."""

    panel: str
    text: str


def panels(name: str) -> list[dict[str, Any]]:
    """The panels of a dashboard, without its headings."""
    return [panel for panel in DASHBOARDS[name]["panels"] if panel["type"] != "row"]


def queries(name: str) -> Iterator[Asked]:
    """Every query of a dashboard's panels."""
    for panel in panels(name):
        for target in panel["targets"]:
            yield Asked(panel["title"], target.get("expr") or target["query"])


def variables(name: str) -> dict[str, str]:
    """The query of each variable that has one, in their order."""
    listed = DASHBOARDS[name]["templating"]["list"]
    return {each["name"]: each["definition"] for each in listed if each["type"] == "query"}


def filled_in(text: str, values: Mapping[str, str]) -> str:
    """A query with its variables replaced: `$name`, `${name}` and `${name:regex}`."""
    for name in sorted(values, key=len, reverse=True):
        escaped = values[name].replace("\\", r"\\")
        text = re.sub(rf"\$\{{{name}(:regex)?\}}|\${name}\b", escaped, text)
    assert "$" not in re.sub(r"\$/", "/", text), f"a variable is not filled in: {text}"
    return text


def any_of(values: Sequence[str]) -> str:
    """Several values as the regular expression that Grafana makes of them."""
    escaped = [re.sub(r"[\\^$*+?.()|\[\]{}/]", r"\\\g<0>", value) for value in values]
    return f"({'|'.join(escaped)})" if len(escaped) > 1 else escaped[0]


def label_values(definition: str) -> tuple[str, str]:
    """The metric and the label of a variable of Prometheus."""
    found = _LABEL_VALUES.fullmatch(definition)
    assert found, definition
    return found[1], found[2]
