"""The OpenAPI document, as saved in docs/reference."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

from fastapi import FastAPI
from ha_ingestor_core.clock import SystemClock
from ha_ingestor_core.service_metrics import ServiceCounters
from ha_ingestor_store.store import Source
from prometheus_client import CollectorRegistry

from admin_api.alerts.parts import AlertParts
from admin_api.app import build_app
from admin_api.http.draining import Draining
from admin_api.metrics import AdminApiMetrics
from admin_api.rollout.settings import StatsSettings
from admin_api.stats.parts import Statistics
from admin_api.store.gate import StoreGate
from admin_api.store.metrics import StoreMetrics
from admin_api.stream.broadcaster import Stream
from admin_api.stream.models import StreamStatistics, TapEnded, TappedEvent, TapStatus


def openapi_text() -> str:
    """Return the document; deterministic."""
    document = _unasked_app().openapi()
    # OpenAPI cannot describe server-sent events, so no route refers to their schemas
    schemas = document["components"]["schemas"]
    for model in (StreamStatistics, TappedEvent, TapStatus, TapEnded):
        schema = model.model_json_schema(mode="serialization", ref_template="#/components/schemas/{model}")
        schemas |= {name: part for name, part in schema.pop("$defs", {}).items() if name not in schemas}
        schemas[model.__name__] = schema
    return json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def _unasked_app() -> FastAPI:
    """Return an application only for its routes; it serves no requests, so it needs no store."""
    nobody = cast("Any", None)
    clock, registry = SystemClock(), CollectorRegistry()
    metrics = AdminApiMetrics(registry)
    statistics = Statistics(
        StatsSettings.model_construct(),
        gate=StoreGate(nobody, Source.INFLUXDB, clock=clock, metrics=StoreMetrics(registry, Source.INFLUXDB)),
        services={},
        data_dir=Path(),
        clock=clock,
    )
    return build_app(
        statistics=statistics,
        service_urls={},
        instance="",
        commit=None,
        sources=nobody,
        filters=nobody,
        rejected=nobody,
        replay=nobody,
        backfill=nobody,
        tap_desk=nobody,
        stream=Stream(reader=nobody, clock=clock, metrics=metrics),
        alerts=AlertParts([], nobody),
        guard=nobody,
        configuration=list,
        dashboard_dir=Path(),
        draining=Draining(0),
        clock=clock,
        counters=ServiceCounters(),
        metrics=metrics,
        registry=registry,
    )
