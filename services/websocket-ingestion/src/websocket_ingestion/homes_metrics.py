"""The metrics of all homes as one set, labelled by home."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.registry import Collector


class HomesMetrics(Collector):
    """The metrics of each home's registry, with the label `home`."""

    def __init__(self, registries: Mapping[str, CollectorRegistry]) -> None:
        self._registries = registries

    def collect(self) -> Iterable[Metric]:
        """Return the metrics of every home, each with a label that names the home."""
        families: dict[str, Metric] = {}
        for home, registry in self._registries.items():
            for family in registry.collect():
                merged = families.get(family.name)
                if merged is None:
                    merged = families[family.name] = Metric(family.name, family.documentation, family.type)
                merged.samples += [sample._replace(labels={"home": home, **sample.labels}) for sample in family.samples]
        return families.values()
