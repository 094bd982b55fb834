"""The nodes and edges of the topology, from the status of the services, the store and the statistics."""

from __future__ import annotations

from ha_ingestor_core.logging.log_ring import LogLine
from ha_ingestor_core.reporting.transfer_rate import Transfers
from ha_ingestor_store.store import Source
from msgspec import Struct
from msgspec.structs import replace

from admin_api.flow.dependencies import enrichment_status
from admin_api.flow.health import capture_status, home_status
from admin_api.flow.status import PartStatus
from admin_api.flow.topology import Edge, EdgeKind, Node, NodeKind, dependencies, edge
from admin_api.http.views import View
from admin_api.peers.names import ADMIN_API, DASHBOARD, HOME_ASSISTANT, INGESTION, LABELS, PIPELINE, WEATHER
from admin_api.peers.status import EnrichmentStatus, HomeStatus, IngestionStatus, ServiceStatusPart, Unreachable

_NOTHING = Transfers()
_STORES = {Source.INFLUXDB: "InfluxDB", Source.EMBEDDED: "Embedded store"}
_ERRORS = ("events_rejected", "events_failed", "write_errors")


class OwnPart(Struct, frozen=True, kw_only=True):
    """The status of the Admin API itself, and of its connection to the store."""

    store: Source
    store_version: str | None
    store_answers: bool
    store_error: str | None
    queries: Transfers
    query_errors: int
    version: str
    uptime_s: float
    logs: list[LogLine]
    answers: Transfers
    reports: Transfers


class FlowState(Struct, frozen=True):
    """The input of the graph; `services` are the statistics by service, of which any may be missing."""

    ingestion: IngestionStatus | Unreachable
    enrichment: EnrichmentStatus | Unreachable
    own: OwnPart
    services: dict[str, View]
    is_fallback: bool


class Graph(Struct, frozen=True):
    """The nodes in the order of the flow, and the edges."""

    nodes: list[Node]
    edges: list[Edge]


def graph_of(state: FlowState) -> Graph:
    """Build the graph."""
    homes, weather = _homes(state.ingestion), _weather(state.enrichment)
    store = _store(state)
    pipeline = _pipeline(state, [store, *weather])
    ingestion = _ingestion(state, [*homes, pipeline, store])
    admin_api = _admin_api(state, [store, ingestion, pipeline])
    dashboard = Node(
        id=DASHBOARD,
        label=LABELS[DASHBOARD],
        kind=NodeKind.CLIENT,
        status=PartStatus.HEALTHY,
        rate_per_minute=state.own.answers.per_minute,
        dependencies=dependencies([admin_api]),
    )
    delivered, written = _sent(state.ingestion, PIPELINE), _sent(state.enrichment, "store")
    takes_events = not isinstance(state.enrichment, Unreachable) and state.enrichment.takes_events
    edges = [
        *(edge(home, ingestion, EdgeKind.WEBSOCKET, "events", Transfers(home.rate_per_minute)) for home in homes),
        edge(
            ingestion, pipeline, EdgeKind.API, "events", delivered, active=takes_events and bool(delivered.per_minute)
        ),
        *(edge(each, pipeline, EdgeKind.API, "weather", _NOTHING, active=_brings_weather(state)) for each in weather),
        edge(ingestion, store, EdgeKind.STORAGE, "service_metrics", _sent(state.ingestion, "store")),
        edge(pipeline, store, EdgeKind.STORAGE, "events", written, active=takes_events and bool(written.per_minute)),
        edge(admin_api, store, EdgeKind.STORAGE, "service_metrics", state.own.reports),
        edge(store, admin_api, EdgeKind.QUERY, "answers", state.own.queries),
        edge(admin_api, dashboard, EdgeKind.API, "answers", state.own.answers),
    ]
    if state.is_fallback:
        edges += [
            edge(service, admin_api, EdgeKind.FALLBACK, "statistics", _NOTHING, active=True)
            for service in (ingestion, pipeline)
        ]
    return Graph([*homes, *weather, ingestion, pipeline, store, admin_api, dashboard], edges)


def _homes(ingestion: IngestionStatus | Unreachable) -> list[Node]:
    if isinstance(ingestion, Unreachable):
        return [_source(HOME_ASSISTANT, LABELS[HOME_ASSISTANT], PartStatus.UNREACHABLE)]
    if len(ingestion.homes) > 1:
        return [
            _home(f"{HOME_ASSISTANT}:{each.home}", f"{LABELS[HOME_ASSISTANT]} ({each.home})", each)
            for each in ingestion.homes
        ]
    node = _source(HOME_ASSISTANT, LABELS[HOME_ASSISTANT], capture_status(ingestion))
    return [
        replace(
            node,
            home=ingestion.home,
            version=ingestion.websocket_connection.ha_version,
            rate_per_minute=ingestion.received_per_minute,
            last_error=ingestion.websocket_connection.last_error,
        )
    ]


def _home(node_id: str, label: str, home: HomeStatus) -> Node:
    return replace(
        _source(node_id, label, home_status(home)),
        home=home.home,
        version=home.websocket_connection.ha_version,
        rate_per_minute=home.received_per_minute,
        last_error=home.websocket_connection.last_error,
    )


def _source(node_id: str, label: str, status: PartStatus) -> Node:
    return Node(id=node_id, label=label, kind=NodeKind.SOURCE, status=status)


def _weather(enrichment: EnrichmentStatus | Unreachable) -> list[Node]:
    if isinstance(enrichment, Unreachable) or not enrichment.weather_enrichment.enabled:
        return []
    error = enrichment.weather_enrichment.last_error
    status = PartStatus.HEALTHY if error is None else PartStatus.DEGRADED
    return [replace(_source(WEATHER, LABELS[WEATHER], status), last_error=error)]


def _brings_weather(state: FlowState) -> bool:
    weather = None if isinstance(state.enrichment, Unreachable) else state.enrichment.weather_enrichment
    return weather is not None and weather.last_error is None and bool(weather.api_calls or weather.cache_hits)


def _store(state: FlowState) -> Node:
    own, writes = state.own, _sent(state.enrichment, "store")
    write_errors = state.services.get(PIPELINE, {}).get("write_errors")
    return Node(
        id=own.store.value,
        label=_STORES[own.store],
        kind=NodeKind.STORE,
        status=PartStatus.HEALTHY if own.store_answers else PartStatus.UNREACHABLE,
        version=own.store_version,
        rate_per_minute=writes.per_minute,
        errors=None if write_errors is None else own.query_errors + write_errors,
        last_error=own.store_error,
    )


def _ingestion(state: FlowState, needs: list[Node]) -> Node:
    ingestion = state.ingestion
    if isinstance(ingestion, Unreachable):
        status, error = PartStatus.UNREACHABLE, ingestion.reason
    else:
        status, error = PartStatus.HEALTHY if ingestion.is_running else PartStatus.UNHEALTHY, None
    return _service(INGESTION, status, error, ingestion, state, needs)


def _pipeline(state: FlowState, needs: list[Node]) -> Node:
    enrichment = state.enrichment
    error = enrichment.reason if isinstance(enrichment, Unreachable) else enrichment.write_error
    return _service(PIPELINE, enrichment_status(enrichment), error, enrichment, state, needs)


def _service(
    name: str,
    status: PartStatus,
    error: str | None,
    service: ServiceStatusPart | Unreachable,
    state: FlowState,
    needs: list[Node],
) -> Node:
    statistics = state.services.get(name, {})
    node = Node(
        id=name,
        label=LABELS[name],
        kind=NodeKind.SERVICE,
        status=status,
        rate_per_minute=statistics.get("events_per_minute"),
        queue_depth=statistics.get("queue_depth"),
        errors=_errors(statistics),
        dependencies=dependencies(needs),
        last_error=error,
    )
    if isinstance(service, Unreachable):
        return node
    return replace(
        node,
        version=service.version,
        uptime_s=service.uptime_s,
        queue_depth=node.queue_depth if service.queue_depth is None else service.queue_depth,
        logs=service.logs,
    )


def _admin_api(state: FlowState, needs: list[Node]) -> Node:
    own, statistics = state.own, state.services.get(ADMIN_API, {})
    return Node(
        id=ADMIN_API,
        label=LABELS[ADMIN_API],
        kind=NodeKind.SERVICE,
        status=PartStatus.HEALTHY if own.store_answers else PartStatus.DEGRADED,
        version=own.version,
        uptime_s=own.uptime_s,
        rate_per_minute=own.answers.per_minute,
        queue_depth=statistics.get("queue_depth"),
        errors=_errors(statistics),
        dependencies=dependencies(needs),
        last_error=own.store_error,
        logs=own.logs,
    )


def _sent(service: ServiceStatusPart | Unreachable, to: str) -> Transfers:
    return _NOTHING if isinstance(service, Unreachable) else service.transfers.get(to, _NOTHING)


def _errors(statistics: View) -> int | None:
    found = [count for name in _ERRORS if (count := statistics.get(name)) is not None]
    return sum(found) if found else None
