"""The dashboard of the data flow from Home Assistant into the store: lag, queues, gaps and rejected events."""

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
    "Overview",
    [
        number(
            "Home Assistant",
            "Whether events are received from all selected homes.",
            Query(f"min({_of('connected')})"),
            mappings=_CONNECTED,
            steps=((None, "red"), (1, "green")),
        ),
        number(
            "Events received",
            "Durable events per second.",
            Query(f"sum(rate({_of('events_received_total')}{_RATE}))"),
            unit="short",
        ),
        number(
            "Lag",
            "Age of the oldest waiting event. Above a minute HAIngestorEventsLate is raised.",
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
            "Gaps not yet filled from the history of Home Assistant.",
            Query(f"sum({_of('gaps_open')})"),
            steps=((None, "green"), (1, "yellow")),
        ),
        number(
            "Rejected events",
            "Invalid events, and events refused because of their content, in this period. Each is kept.",
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
            "Durable events per second, by kind: live, snapshot at a connection, backfill from the history.",
            Query(f"sum by (home, kind) (rate({_of('events_received_total')}{_RATE}))", "{{home}} {{kind}}"),
            stacked=True,
        ),
        lines(
            "Outcomes",
            "Events per second by outcome.",
            Query(f"sum by (outcome) (rate({_of('events_acknowledged_total')}{_RATE}))", "{{outcome}}"),
            stacked=True,
        ),
        states(
            "Connection to Home Assistant",
            "State of the connection to each home over time.",
            Query(_of("connected"), "{{home}}"),
            mappings=_CONNECTED,
        ),
        lines(
            "Deliveries",
            "Batches per second delivered to the pipeline, by result.",
            Query(f"sum by (result) (rate({_of('deliveries_total')}{_RATE}))", "{{result}}"),
        ),
        lines(
            "Commits to the spool",
            "Duration of a group commit to disk.",
            *percentiles(f"{_IN}_spool_commit_duration_seconds_bucket", _HOME),
            unit="s",
        ),
        lines(
            "Connection attempts",
            "Connection attempts, and events that Home Assistant did not send.",
            Query(f"sum by (home) (increase({_of('connection_attempts_total')}{_RATE}))", "{{home}} attempts"),
            Query(f"sum by (home) (increase({_of('events_lost_total')}{_RATE}))", "{{home}} events not sent"),
        ),
    ],
)

_LAG = Row(
    "Lag and queue",
    [
        lines(
            "End-to-end latency",
            "Time from the arrival of an event to its acknowledgement by the store.",
            *percentiles(f"{_IN}_acknowledgement_lag_seconds_bucket", _HOME),
            unit="s",
        ),
        lines(
            "Oldest waiting event",
            "Age of the oldest waiting event.",
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
            "Usage of the spool in percent of its limit. When it is full, reading pauses.",
            Query(f"{_of('spool_disk_bytes')} / {_of('spool_limit_bytes')}", "{{home}}"),
            unit="percentunit",
        ),
        lines(
            "Writes to the store",
            "Writes per second, by result.",
            Query(f"sum by (status) (rate({_OUT}_write_duration_seconds_count{_RATE}))", "{{status}}"),
        ),
        lines(
            "Write duration",
            "Duration of a write of events to the store.",
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
            "Open gaps, and gaps that were found and closed.",
            Query(f"sum({_of('gaps_open')})", "open"),
            Query(f"sum by (reason) (increase({_of('gaps_found_total')}{_RATE}))", "found: {{reason}}"),
            Query(f"sum by (status) (increase({_of('gaps_closed_total')}{_RATE}))", "closed: {{status}}"),
        ),
        lines(
            "Filled from the history",
            "State changes in the history of closed gaps: recovered, or already in the store.",
            Query(f"sum by (outcome) (increase({_of('gap_changes_total')}{_RATE}))", "{{outcome}}"),
        ),
        lines(
            "Rejected",
            "Rejected events, in total and by reason.",
            Query(f'sum(increase({_OUT}_events_total{{outcome="rejected"}}{_RATE}))', "all"),
            Query(f"sum by (reason) (increase({_OUT}_rejected_events_total{_RATE}))", "{{reason}}"),
        ),
        lines(
            "File of rejected events",
            "Size in percent of the limit. When it is full, events wait in the spool.",
            Query(f"{_OUT}_rejected_file_bytes / {_OUT}_rejected_file_limit_bytes", "{{instance}}"),
            unit="percentunit",
        ),
        lines(
            "Filtered",
            "Filtered events per second, by rule.",
            Query(f"sum by (rule) (rate({_OUT}_filtered_events_total{_RATE}))", "{{rule}}"),
            stacked=True,
        ),
        lines(
            "Free disk space",
            "Free share of the disk that holds DATA_DIR. Below 10 % HAIngestorDiskFilling is raised.",
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
            "Scrape status",
            "Whether Prometheus can scrape the services.",
            Query('up{job=~"ha-ingestor.*"}', "{{instance}}"),
            mappings=values(("0", "Down", "red"), ("1", "Up", "green")),
        ),
        lines(
            "Failed background tasks",
            "Background tasks that failed unexpectedly. The log contains a traceback of each.",
            Query(
                f"sum by (instance, task) (increase(ha_ingestor_tasks_failures_total{_RATE})) or vector(0)",
                "{{instance}} {{task}}",
            ),
        ),
        lines(
            "Alerts",
            "Active alerts of HA Ingestor, by level.",
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
