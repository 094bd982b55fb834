"""The dashboard of the flow: from Home Assistant into the store, with lag, queues, gaps and rejected events."""

from __future__ import annotations

from scripts.grafana.admin_api import percentiles
from scripts.grafana.panels import ANY, Json, Query, Row, Source, dashboard, lines, number, states, values, variable

_SOURCE = Source("prometheus")
_HOME = 'home=~"$home"'
_RATE = "[$__rate_interval]"
_IN = "ha_ingestor_websocket_ingestion"
_OUT = "ha_ingestor_enrichment_pipeline"
_CONNECTED = values(("0", "Disconnected", "red"), ("1", "Connected", "green"))
_QUEUE_STEPS = ((None, "green"), (1_000, "yellow"), (10_000, "red"))


def _of(name: str, labels: str = "") -> str:
    return f"{_IN}_{name}{{{_HOME}{f',{labels}' if labels else ''}}}"


_AT_A_GLANCE = Row(
    "At a glance",
    [
        number(
            "Home Assistant",
            "Whether events are received from every home that is chosen.",
            Query(f"min({_of('connected')})"),
            mappings=_CONNECTED,
            steps=((None, "red"), (1, "green")),
        ),
        number(
            "Events received",
            "Events a second that are on disk.",
            Query(f"sum(rate({_of('events_received_total')}{_RATE}))"),
            unit="short",
        ),
        number(
            "Lag",
            "Age of the oldest event that is not stored. Above a minute HAIngestorEventsLate is raised.",
            Query(f"max({_of('spool_oldest_seconds')})"),
            unit="s",
            steps=((None, "green"), (10, "yellow"), (60, "red")),
        ),
        number(
            "Queue",
            "Events in the spool that are not stored.",
            Query(f"sum({_of('spool_events')})"),
            steps=_QUEUE_STEPS,
        ),
        number(
            "Open gaps",
            "Gaps in the capture that are not filled from the history of Home Assistant.",
            Query(f"sum({_of('gaps_open')})"),
            steps=((None, "green"), (1, "yellow")),
        ),
        number(
            "Rejected events",
            "Events of this period that could not be stored for a fault of their own. Each is kept with its reason.",
            Query(f'sum(increase({_OUT}_events_total{{outcome="rejected"}}[$__range]))', is_instant=True),
            steps=((None, "green"), (1, "yellow")),
        ),
    ],
)

_INGESTION = Row(
    "Ingestion",
    [
        lines(
            "Received",
            "Events a second that are on disk: live, of a snapshot at a connection, or from the history.",
            Query(f"sum by (home, kind) (rate({_of('events_received_total')}{_RATE}))", "{{home}} {{kind}}"),
            stacked=True,
        ),
        lines(
            "Ended",
            "Events a second by how they ended.",
            Query(f"sum by (outcome) (rate({_of('events_acknowledged_total')}{_RATE}))", "{{outcome}}"),
            stacked=True,
        ),
        states(
            "Connection to Home Assistant",
            "When events were received from a home.",
            Query(_of("connected"), "{{home}}"),
            mappings=_CONNECTED,
        ),
        lines(
            "Deliveries",
            "Batches a second that were handed to the pipeline, by result.",
            Query(f"sum by (result) (rate({_of('deliveries_total')}{_RATE}))", "{{result}}"),
        ),
        lines(
            "Commits to the spool",
            "Time of a group commit to the disk.",
            *percentiles(f"{_IN}_spool_commit_duration_seconds_bucket", _HOME),
            unit="s",
        ),
        lines(
            "Attempts to connect",
            "Attempts to connect to Home Assistant, and events that it did not send.",
            Query(f"sum by (home) (increase({_of('connection_attempts_total')}{_RATE}))", "{{home}} attempts"),
            Query(f"sum by (home) (increase({_of('events_lost_total')}{_RATE}))", "{{home}} events not sent"),
        ),
    ],
)

_LAG = Row(
    "Lag and queue",
    [
        lines(
            "From arrival to the store",
            "Time from an event's arrival to its acknowledgement by the store.",
            *percentiles(f"{_IN}_acknowledgement_lag_seconds_bucket", _HOME),
            unit="s",
        ),
        lines(
            "Oldest waiting event",
            "Age of the oldest event that is not stored.",
            Query(f"max by (home) ({_of('spool_oldest_seconds')})", "{{home}}"),
            unit="s",
        ),
        lines(
            "Queue",
            "Events that are not stored: in the spool on disk, and inside the pipeline.",
            Query(f"sum by (home) ({_of('spool_events')})", "spool {{home}}"),
            Query(f"sum({_OUT}_queue_events)", "pipeline"),
        ),
        lines(
            "Spool on disk",
            "Share of its limit that the spool takes. When it is full, reading pauses.",
            Query(f"{_of('spool_disk_bytes')} / {_of('spool_limit_bytes')}", "{{home}}"),
            unit="percentunit",
        ),
        lines(
            "Writes to the store",
            "Writes a second, by their end.",
            Query(f"sum by (status) (rate({_OUT}_write_duration_seconds_count{_RATE}))", "{{status}}"),
        ),
        lines(
            "Time of a write",
            "Time that the store took for a write of events.",
            *percentiles(f"{_OUT}_write_duration_seconds_bucket", 'status=~".+"'),
            unit="s",
        ),
    ],
)

_LOSSES = Row(
    "Gaps and rejected events",
    [
        lines(
            "Gaps",
            "Gaps that are open, and gaps that were found and closed.",
            Query(f"sum({_of('gaps_open')})", "open"),
            Query(f"sum by (reason) (increase({_of('gaps_found_total')}{_RATE}))", "found: {{reason}}"),
            Query(f"sum by (status) (increase({_of('gaps_closed_total')}{_RATE}))", "closed: {{status}}"),
        ),
        lines(
            "Filled from the history",
            "Changes in the history of closed gaps: recovered, or known to the store before.",
            Query(f"sum by (outcome) (increase({_of('gap_changes_total')}{_RATE}))", "{{outcome}}"),
        ),
        lines(
            "Rejected",
            "Rejected events, all and by reason.",
            Query(f'sum(increase({_OUT}_events_total{{outcome="rejected"}}{_RATE}))', "all"),
            Query(f"sum by (reason) (increase({_OUT}_rejected_events_total{_RATE}))", "{{reason}}"),
        ),
        lines(
            "File of rejected events",
            "Share of its limit. When it is full, events wait in the spool.",
            Query(f"{_OUT}_rejected_file_bytes / {_OUT}_rejected_file_limit_bytes", "{{instance}}"),
            unit="percentunit",
        ),
        lines(
            "Filtered",
            "Events a second that the filters did not keep, by rule.",
            Query(f"sum by (rule) (rate({_OUT}_filtered_events_total{_RATE}))", "{{rule}}"),
            stacked=True,
        ),
        lines(
            "Free disk space",
            "Share of the disk of DATA_DIR. Below 10 % HAIngestorDiskFilling is raised.",
            Query("ha_ingestor_disk_free_bytes / ha_ingestor_disk_size_bytes", "{{instance}}"),
            unit="percentunit",
            defaults={"min": 0, "max": 1},
        ),
    ],
)

_SERVICES = Row(
    "Services",
    [
        states(
            "Scraped",
            "Whether Prometheus reaches the services.",
            Query('up{job=~"ha-ingestor.*"}', "{{instance}}"),
            mappings=values(("0", "Down", "red"), ("1", "Up", "green")),
        ),
        lines(
            "Failed background tasks",
            "Background tasks that failed unexpectedly. The log has a traceback of each.",
            Query(
                f"sum by (instance, task) (increase(ha_ingestor_tasks_failures_total{_RATE})) or vector(0)",
                "{{instance}} {{task}}",
            ),
        ),
        lines(
            "Alerts",
            "Alerts of HA Ingestor itself that are active, by level.",
            Query("sum by (level) (ha_ingestor_admin_api_alerts_active)", "{{level}}"),
        ),
    ],
)


def build() -> Json:
    """The dashboard."""
    home = variable(_SOURCE, "home", "Home", f"label_values({_IN}_connected, home)", **ANY)
    return dashboard(
        "ha-ingestor-flow",
        "HA Ingestor: flow of events",
        "From Home Assistant into the store: ingestion, lag, queues, gaps and rejected events.",
        source=_SOURCE,
        variables=[home],
        rows=[_AT_A_GLANCE, _INGESTION, _LAG, _LOSSES, _SERVICES],
        period="6h",
    )
