"""The dashboard of the Admin API: its questions to InfluxDB, the fallback, the cache, and its own answers."""

from __future__ import annotations

from scripts.grafana.panels import ANY, Json, Query, Row, Source, dashboard, lines, number, states, values, variable

_SOURCE = Source("prometheus")
_BY = 'instance=~"$instance"'
_RATE = "[$__rate_interval]"
_QUERIES = f"admin_api_influxdb_queries_total{{{_BY}}}"
_ERRORS = f'admin_api_influxdb_queries_total{{{_BY},status="error"}}'
_DURATION = "admin_api_influxdb_query_duration_seconds_bucket"
_REQUESTS = "ha_ingestor_admin_api_requests_total"
_CACHE = "ha_ingestor_admin_api_cache_requests_total"
_ACTIVATIONS = f"ha_ingestor_admin_api_fallback_activations_total{{{_BY}}}"
_CONNECTED = values(("0", "Disconnected", "red"), ("1", "Connected", "green"))


def percentiles(bucket: str, labels: str) -> tuple[Query, ...]:
    """p50, p95 and p99 of a histogram."""
    return tuple(
        Query(f"histogram_quantile({share}, sum by (le) (rate({bucket}{{{labels}}}{_RATE})))", name)
        for share, name in ((0.5, "p50"), (0.95, "p95"), (0.99, "p99"))
    )


def _share(part: str, whole: str, over: str) -> str:
    """The share of some increases in all; 0 while there is none."""
    return f"sum(increase({part}{over})) / (sum(increase({whole}{over})) > 0) or vector(0)"


_AT_A_GLANCE = Row(
    "At a glance",
    [
        number(
            "InfluxDB",
            "Whether InfluxDB answers the Admin API. The embedded store has no connection to show.",
            Query(f"min(admin_api_influxdb_connected{{{_BY}}})"),
            mappings=_CONNECTED,
            steps=((None, "red"), (1, "green")),
        ),
        number(
            "Query rate",
            "Questions to the store a second.",
            Query(f"sum(rate({_QUERIES}{_RATE}))"),
            unit="reqps",
        ),
        number(
            "p95 of a question",
            "The plan's target is 200 ms; above 500 ms for 5 minutes InfluxDBSlowQueries is raised.",
            percentiles(_DURATION, _BY)[1],
            unit="s",
            steps=((None, "green"), (0.2, "yellow"), (0.5, "red")),
        ),
        number(
            "Failed questions",
            "Share of the questions of this period that the store did not answer.",
            Query(_share(_ERRORS, _QUERIES, "[$__range]"), is_instant=True),
            unit="percentunit",
            steps=((None, "green"), (0.01, "yellow"), (0.05, "red")),
        ),
        number(
            "Fallback activations",
            "Times in this period that the store stopped answering, so that the services answered in its place.",
            Query(f"sum(increase({_ACTIVATIONS}[$__range]))", is_instant=True),
            steps=((None, "green"), (1, "red")),
        ),
        number(
            "Cache hit rate",
            "Share of the statistics of this period that were answered from the cache, a stale answer included.",
            Query(
                _share(f'{_CACHE}{{{_BY},result=~"hit|stale"}}', f"{_CACHE}{{{_BY}}}", "[$__range]"), is_instant=True
            ),
            unit="percentunit",
        ),
    ],
)

_INFLUXDB = Row(
    "InfluxDB",
    [
        lines(
            "Query rate",
            "Questions to the store a second, by what was asked for.",
            Query(f"sum by (endpoint) (rate({_QUERIES}{_RATE}))", "{{endpoint}}"),
            unit="reqps",
            stacked=True,
        ),
        lines(
            "Query response times",
            "Time that the store took for a question, answered or not.",
            *percentiles(_DURATION, _BY),
            unit="s",
        ),
        lines(
            "Response times by question",
            "p95 of the time that the store took, by what was asked for.",
            Query(
                f"histogram_quantile(0.95, sum by (endpoint, le) (rate({_DURATION}{{{_BY}}}{_RATE})))", "{{endpoint}}"
            ),
            unit="s",
        ),
        lines(
            "Errors",
            "Questions a second without an answer. Above 0.1 for 5 minutes InfluxDBQueryFailures is raised.",
            Query(f"sum by (endpoint) (rate({_ERRORS}{_RATE}))", "{{endpoint}}"),
            unit="reqps",
        ),
        states(
            "Connection status",
            "When InfluxDB answered. After 2 minutes without, InfluxDBConnectionDown is raised.",
            Query(f"admin_api_influxdb_connected{{{_BY}}}", "{{instance}}"),
            mappings=_CONNECTED,
        ),
        lines(
            "Fallback",
            "Outages of the store, and the statistics a second that the services answered in its place.",
            Query(f"sum(increase({_ACTIVATIONS}{_RATE}))", "activations"),
            Query(
                f"sum by (endpoint) (rate(ha_ingestor_admin_api_fallback_answers_total{{{_BY}}}{_RATE}))",
                "answers of the services: {{endpoint}}",
            ),
        ),
        lines(
            "Cache",
            "Statistics a second by where they came from: hit, stale (answered while a fresh one was made), miss.",
            Query(f"sum by (result) (rate({_CACHE}{{{_BY}}}{_RATE}))", "{{result}}"),
            unit="reqps",
            stacked=True,
        ),
        lines(
            "Cache hit rate",
            "Share of the statistics that were answered from the cache.",
            Query(_share(f'{_CACHE}{{{_BY},result=~"hit|stale"}}', f"{_CACHE}{{{_BY}}}", _RATE), "hit rate"),
            unit="percentunit",
            defaults={"min": 0, "max": 1},
        ),
        lines(
            "Store and services compared",
            "While STATS_COMPARE is on: answers compared, and numbers that differ by more than the tolerance.",
            Query(f"sum(rate(ha_ingestor_admin_api_comparisons_total{{{_BY}}}{_RATE}))", "compared"),
            Query(
                f"sum(rate(ha_ingestor_admin_api_comparison_differences_total{{{_BY}}}{_RATE})) or vector(0)",
                "different",
            ),
        ),
    ],
)

_HTTP = Row(
    "Requests",
    [
        lines(
            "Requests",
            "HTTP requests a second, by status code.",
            Query(f"sum by (status) (rate({_REQUESTS}{{{_BY}}}{_RATE}))", "{{status}}"),
            unit="reqps",
            stacked=True,
        ),
        lines(
            "Time to the answer",
            "From the arrival of a request to the start of its answer.",
            *percentiles("ha_ingestor_admin_api_request_duration_seconds_bucket", _BY),
            unit="s",
        ),
        lines(
            "In progress",
            "Requests whose answer has not begun, and clients that listen to the stream.",
            Query(f"sum(ha_ingestor_admin_api_requests_in_flight{{{_BY}}})", "requests"),
            Query(f"sum(ha_ingestor_admin_api_stream_listeners{{{_BY}}})", "listeners"),
        ),
    ],
)


def build() -> Json:
    """The dashboard."""
    instance = variable(_SOURCE, "instance", "Instance", f"label_values({_REQUESTS}, instance)", **ANY)
    return dashboard(
        "ha-ingestor-admin-api",
        "HA Ingestor: Admin API",
        "Questions of the Admin API to InfluxDB: rate, response times, errors, connection, fallback and cache.",
        source=_SOURCE,
        variables=[instance],
        rows=[_AT_A_GLANCE, _INFLUXDB, _HTTP],
        period="6h",
    )
