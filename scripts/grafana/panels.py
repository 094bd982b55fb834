"""The JSON of Grafana's dashboards: panels by kind, laid out in rows, and the variables above them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_COLUMNS = 24
_SCHEMA_VERSION = 39
"""The schema version of Grafana 11; later releases convert the dashboard when they load it."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Query:
    """A query to the data source: PromQL or InfluxQL, and the name of its series."""

    text: str
    legend: str = ""
    is_instant: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel; `options` and `defaults` (of every field) go into its JSON as they are."""

    kind: str
    title: str
    text: str
    queries: Sequence[Query]
    unit: str = "short"
    width: int = 8
    height: int = 8
    defaults: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    transformations: Sequence[Json] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """Panels under a heading, side by side while there is room."""

    title: str
    panels: Sequence[Panel]


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of data source: `prometheus` or `influxdb`."""

    kind: str

    def target(self, query: Query, ref: str, panel: Panel) -> Json:
        """The JSON of one query of a panel."""
        target: Json = {"refId": ref, "datasource": self.reference}
        if self.kind == "prometheus":
            return {**target, "expr": query.text, "legendFormat": query.legend or "__auto", "instant": query.is_instant}
        form = "table" if panel.kind == "table" else "time_series"
        return {**target, "rawQuery": True, "query": query.text, "resultFormat": form, "alias": query.legend}

    @property
    def reference(self) -> Json:
        """The data source that the dashboard's first variable names."""
        return {"type": self.kind, "uid": "${datasource}"}

    @property
    def variable(self) -> Json:
        """The selection of the data source."""
        return {"name": "datasource", "label": "Data source", "type": "datasource", "query": self.kind}


def variable(source: Source, name: str, label: str, query: str, *, is_hidden: bool = False, **more: Any) -> Json:
    """A variable with the values that a query returns."""
    asked: Any = query
    if source.kind == "prometheus":
        asked = {"query": query, "refId": "PrometheusVariableQueryEditor-VariableQuery"}
    return {
        "name": name,
        "label": label,
        "type": "query",
        "datasource": source.reference,
        "definition": query,
        "query": asked,
        "refresh": 2,  # whenever the time range changes
        "sort": 5,  # by name, whatever the case of its letters
        "hide": 2 if is_hidden else 0,
        **more,
    }


ANY: Json = {"includeAll": True, "multi": True, "allValue": ".*", "current": {"text": ["All"], "value": ["$__all"]}}
"""Options of a variable with multiple values; all are selected by default."""


def dashboard(
    uid: str, title: str, text: str, *, source: Source, variables: Iterable[Json], rows: Sequence[Row], period: str
) -> Json:
    """A whole dashboard, as Grafana provisions it."""
    return {
        "uid": uid,
        "title": title,
        "description": text,
        "tags": ["ha-ingestor"],
        "schemaVersion": _SCHEMA_VERSION,
        "editable": True,
        "graphTooltip": 1,  # one crosshair over all panels
        "refresh": "30s",
        "time": {"from": f"now-{period}", "to": "now"},
        "timezone": "browser",
        "links": [{"type": "dashboards", "title": "HA Ingestor", "tags": ["ha-ingestor"], "asDropdown": True}],
        "templating": {"list": [source.variable, *variables]},
        "panels": _placed(source, rows),
    }


def _placed(source: Source, rows: Sequence[Row]) -> list[Json]:
    panels: list[Json] = []
    y = 0
    for row in rows:
        panels.append(_numbered(panels, {"type": "row", "title": row.title, "collapsed": False}, 0, y, _COLUMNS, 1))
        y += 1
        x = height = 0
        for panel in row.panels:
            if x + panel.width > _COLUMNS:
                x, y, height = 0, y + height, 0
            panels.append(_numbered(panels, _json(source, panel), x, y, panel.width, panel.height))
            x, height = x + panel.width, max(height, panel.height)
        y += height
    return panels


def _numbered(before: Sequence[Json], panel: Json, x: int, y: int, width: int, height: int) -> Json:
    return {"id": len(before) + 1, "gridPos": {"x": x, "y": y, "w": width, "h": height}, **panel}


def _json(source: Source, panel: Panel) -> Json:
    return {
        "type": panel.kind,
        "title": panel.title,
        "description": panel.text,
        "datasource": source.reference,
        "targets": [source.target(query, chr(ord("A") + n), panel) for n, query in enumerate(panel.queries)],
        "fieldConfig": {"defaults": {"unit": panel.unit, **panel.defaults}, "overrides": []},
        "options": dict(panel.options),
        **({"transformations": list(panel.transformations)} if panel.transformations else {}),
    }


def lines(title: str, text: str, *queries: Query, unit: str = "short", stacked: bool = False, **more: Any) -> Panel:
    """Lines over time; `stacked`: stacked areas."""
    custom = {"fillOpacity": 25, "stacking": {"mode": "normal"}} if stacked else {"fillOpacity": 5}
    defaults = {"custom": {"lineWidth": 1, "showPoints": "never", **custom}, **more.pop("defaults", {"min": 0})}
    options = {
        "legend": {"displayMode": "table", "placement": "bottom", "calcs": ["mean", "max", "lastNotNull"]},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }
    return Panel("timeseries", title, text, queries, unit, defaults=defaults, options=options, **more)


def number(title: str, text: str, *queries: Query, unit: str = "short", **more: Any) -> Panel:
    """The newest value, with a sparkline."""
    steps = more.pop("steps", ((None, "green"),))
    mappings = more.pop("mappings", [])
    thresholds = {"mode": "absolute", "steps": [{"value": value, "color": color} for value, color in steps]}
    defaults = {"color": {"mode": "thresholds"}, "thresholds": thresholds, "mappings": mappings}
    options = {
        "colorMode": "background",
        "graphMode": "area",
        "textMode": "auto",
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
    }
    more = {"width": 4, "height": 4, **more}
    return Panel("stat", title, text, queries, unit, defaults=defaults, options=options, **more)


def states(title: str, text: str, *queries: Query, mappings: Sequence[Json] = (), **more: Any) -> Panel:
    """States over time."""
    defaults = {"custom": {"fillOpacity": 70, "lineWidth": 0}, "mappings": list(mappings)}
    options = {"mergeValues": True, "showValue": "auto", "rowHeight": 0.9, "legend": {"displayMode": "hidden"}}
    return Panel("state-timeline", title, text, queries, defaults=defaults, options=options, **more)


def table(title: str, text: str, *queries: Query, **more: Any) -> Panel:
    """The rows of a result."""
    options = {"showHeader": True, "cellHeight": "sm"}
    defaults = {"custom": {"align": "auto", "filterable": True}}
    return Panel("table", title, text, queries, defaults=defaults, options=options, **more)


def values(*named: tuple[str, str, str]) -> list[Json]:
    """Texts and colours in place of values: (value, text, colour)."""
    options = {value: {"text": text, "color": color, "index": n} for n, (value, text, color) in enumerate(named)}
    return [{"type": "value", "options": options}]
