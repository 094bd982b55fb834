"""Generate the PrometheusRule of infrastructure/kubernetes from the rules in infrastructure/prometheus/rules.

Kustomize cannot put a file of rules into a custom resource, so the resource is a file, and a test compares both.
"""

from __future__ import annotations

from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
RULES = ROOT / "infrastructure" / "prometheus" / "rules"
RESOURCE = ROOT / "infrastructure" / "kubernetes" / "overlays" / "observability" / "prometheus-rule.yaml"
_HEAD = "# Generated from infrastructure/prometheus/rules by `make docs`.\n"


def prometheus_rule() -> str:
    """Return the text of the resource: the groups of all files, in the order of their names."""
    files = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(RULES.glob("*.yml"))]
    resource = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "ha-ingestor"},
        "spec": {"groups": [group for file in files for group in file["groups"]]},
    }
    return _HEAD + yaml.safe_dump(resource, sort_keys=False, width=1000)


def main() -> None:
    """Write the resource."""
    RESOURCE.write_text(prometheus_rule(), encoding="utf-8")


if __name__ == "__main__":
    main()
