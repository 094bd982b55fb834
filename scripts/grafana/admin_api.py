"""The dashboard of the Admin API: queries to InfluxDB, the fallback, the cache, and HTTP requests."""

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
    """A share of increases in the total; 0 while the total is 0."""
    return f"sum(increase({part}{over})) / (sum(increase({whole}{over})) > 0) or vector(0)"


_AT_A_GLANCE = Row(
    "Overview",
    [
        number(
            "InfluxDB",
            "Whether InfluxDB answers the Admin API. Not available for the embedded store.",
            Query(f"min(admin_api_influxdb_connected{{{_BY}}})"),
            mappings=_CONNECTED,
            steps=((None, "red"), (1, "green")),
        ),
        number(
            "Query rate",
            "Queries to the store per second.",
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
            "Failed queries",
            "Share of failed queries to the store in this period.",
            Query(_share(_ERRORS, _QUERIES, "[$__range]"), is_instant=True),
            unit="percentunit",
            steps=((None, "green"), (0.01, "yellow"), (0.05, "red")),
        ),
        number(
            "Fallback activations",
            "Number of times in this period that the store became unavailable and the services answered instead.",
            Query(f"sum(increase({_ACTIVATIONS}[$__range]))", is_instant=True),
            steps=((None, "green"), (1, "red")),
        ),
        number(
            "Cache hit rate",
            "Share of statistics in this period answered from the cache, including stale answers.",
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
            "Queries to the store per second, by endpoint.",
            Query(f"sum by (endpoint) (rate({_QUERIES}{_RATE}))", "{{endpoint}}"),
            unit="reqps",
            stacked=True,
        ),
        lines(
            "Query response times",
            "Duration of queries, successful or not.",
            *percentiles(_DURATION, _BY),
            unit="s",
        ),
        lines(
            "Response times by query",
            "p95 of the time that the store took, by what was asked for.",
            Query(
                f"histogram_quantile(0.95, sum by (endpoint, le) (rate({_DURATION}{{{_BY}}}{_RATE})))", "{{endpoint}}"
            ),
            unit="s",
        ),
        lines(
            "Errors",
            "Failed queries per second. Above 0.1 for 5 minutes InfluxDBQueryFailures is raised.",
            Query(f"sum by (endpoint) (rate({_ERRORS}{_RATE}))", "{{endpoint}}"),
            unit="reqps",
        ),
        states(
            "Connection status",
            "Availability of InfluxDB over time. After 2 minutes without an answer InfluxDBConnectionDown is raised.",
            Query(f"admin_api_influxdb_connected{{{_BY}}}", "{{instance}}"),
            mappings=_CONNECTED,
        ),
        lines(
            "Fallback",
            "Outages of the store, and statistics per second answered by the services instead.",
            Query(f"sum(increase({_ACTIVATIONS}{_RATE}))", "activations"),
            Query(
                f"sum by (endpoint) (rate(ha_ingestor_admin_api_fallback_answers_total{{{_BY}}}{_RATE}))",
                "answers of the services: {{endpoint}}",
            ),
        ),
        lines(
            "Cache",
            "Statistics per second by cache result: hit, stale (answered while a new answer was computed), miss.",
            Query(f"sum by (result) (rate({_CACHE}{{{_BY}}}{_RATE}))", "{{result}}"),
            unit="reqps",
            stacked=True,
        ),
        lines(
            "Cache hit rate",
            "Share of statistics answered from the cache.",
            Query(_share(f'{_CACHE}{{{_BY},result=~"hit|stale"}}', f"{_CACHE}{{{_BY}}}", _RATE), "hit rate"),
            unit="percentunit",
            defaults={"min": 0, "max": 1},
        ),
        lines(
            "Store and services compared",
            "While STATS_COMPARE is on: compared answers, and values that differ by more than the tolerance.",
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
            "HTTP requests per second, by status code.",
            Query(f"sum by (status) (rate({_REQUESTS}{{{_BY}}}{_RATE}))", "{{status}}"),
            unit="reqps",
            stacked=True,
        ),
        lines(
            "Response time",
            "From the arrival of a request to the start of its response.",
            *percentiles("ha_ingestor_admin_api_request_duration_seconds_bucket", _BY),
            unit="s",
        ),
        lines(
            "In progress",
            "Requests without a response yet, and clients of the stream.",
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
        "Queries of the Admin API to InfluxDB: rate, response times, errors, connection, fallback and cache.",
        source=_SOURCE,
        variables=[instance],
        rows=[_AT_A_GLANCE, _INFLUXDB, _HTTP],
        period="6h",
    )
