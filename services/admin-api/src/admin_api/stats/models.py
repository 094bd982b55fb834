"""The shapes of statistics, of their comparison and of the rollout's switches; see models."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from admin_api.http.models import TIME_EXAMPLE, Coverage, Model
from admin_api.rollout.source import StatsSource
from admin_api.stats.alert_models import Alert, RateAlert
from admin_api.stats.recommendations import Level
from admin_api.stats.sources.heartbeats import HeartbeatState

_WARNING = (
    "Answered by the services from their memory, since the store is not available: http://influxdb:8086 did not answer"
)


class StatsBase(Model):
    """What every answer about statistics says of itself."""

    timestamp: datetime = Field(examples=[TIME_EXAMPLE])
    source: StatsSource = Field(description="Who answered, always true", examples=[StatsSource.INFLUXDB])
    warning: str | None = Field(
        description="Why the services answered in place of the store; null otherwise", examples=[None, _WARNING]
    )


class ServiceStats(Model):
    """One service over a period; null is unknown, not 0. An event of the admin-api is an HTTP request."""

    service: str = Field(examples=["websocket-ingestion"])
    events_received: int | None = Field(examples=[3600])
    events_processed: int | None = Field(examples=[3580])
    events_duplicate: int | None = Field(examples=[12])
    events_filtered: int | None = Field(examples=[0])
    events_rejected: int | None = Field(examples=[8])
    events_expired: int | None = Field(description="Older than the store keeps", examples=[0])
    events_failed: int | None = Field(examples=[0])
    events_per_minute: float | None = Field(examples=[60.0])
    write_attempts: int | None = Field(examples=[720])
    write_errors: int | None = Field(examples=[0])
    processing_time_ms: float | None = Field(examples=[3.2])
    processing_time_ms_p95: float | None = Field(examples=[9.5])
    success_rate: float | None = Field(description="Percent of the finished events", examples=[99.8])
    queue_depth: float | None = Field(examples=[0.0])
    lag_s: float | None = Field(examples=[0.02])
    last_seen: datetime | None = Field(description="The time of its newest report", examples=[TIME_EXAMPLE])
    error: str | None = Field(
        description="Why nothing is known of it, where the services answer and it did not", examples=[None]
    )


class Metrics(Model):
    """The key figures of a period; null where nobody can tell."""

    total_events: int | None = Field(description="Events that are stored", examples=[3580])
    events_per_minute: float | None = Field(
        description="Over the part of the period that is covered, at least a minute", examples=[59.7]
    )
    total_writes: int | None = Field(examples=[720])
    write_errors: int | None = Field(examples=[0])
    error_rate_percent: float | None = Field(examples=[0.0])
    services: dict[str, ServiceStats]


class TrendPoint(Model):
    """The events of one window that starts at `time`; the first and the last window may lie partly outside."""

    time: datetime = Field(examples=[TIME_EXAMPLE])
    count: int | None = Field(description="Null in a window that nobody remembers", examples=[60])


class StatsAnswer(StatsBase):
    """The statistics of a period."""

    period: str | None = Field(description="Null where `start` was given", examples=["1h"])
    start: datetime = Field(examples=[TIME_EXAMPLE])
    end: datetime = Field(examples=[TIME_EXAMPLE])
    metrics: Metrics
    trends: list[TrendPoint]
    alerts: list[Alert | RateAlert]
    coverage: Coverage


class ServicesAnswer(StatsBase):
    """The services over a period, by name."""

    period: str | None = Field(description="Null where `start` was given", examples=["1h"])
    start: datetime = Field(examples=[TIME_EXAMPLE])
    end: datetime = Field(examples=[TIME_EXAMPLE])
    services: dict[str, ServiceStats]
    coverage: Coverage


class MetricValue(Model):
    """The newest value of one number of one service."""

    name: str = Field(examples=["processing_time_ms_p95"])
    value: float = Field(examples=[9.5])
    unit: str = Field(examples=["ms"])
    timestamp: datetime = Field(examples=[TIME_EXAMPLE])
    tags: dict[str, str] = Field(examples=[{"service": "websocket-ingestion", "instance": "home-server"}])


class OverallPerformance(Model):
    """All services together; null where one of them did not answer, since a sum of some would be none."""

    total_requests: int | None = Field(description="Events received, and HTTP requests", examples=[10_800])
    total_errors: int | None = Field(description="Rejected or failed", examples=[8])
    average_response_time: float | None = Field(description="Milliseconds, mean of all events", examples=[4.1])
    success_rate: float | None = Field(description="Percent of what was finished", examples=[99.9])
    throughput: float | None = Field(description="Received a minute", examples=[180.0])


class Recommendation(Model):
    """Something to do about a service."""

    service: str = Field(examples=["enrichment-pipeline"])
    type: str = Field(examples=["latency"])
    level: Level = Field(examples=[Level.WARNING])
    message: str = Field(examples=["5 % of the events took longer than 1800 ms"])
    recommendation: str = Field(examples=["Give the store a faster disk or more memory"])


class PerformanceAnswer(StatsBase):
    """How the services do together and each, and what to do, the most important first."""

    period: str | None = Field(description="Null where `start` was given", examples=["1h"])
    start: datetime = Field(examples=[TIME_EXAMPLE])
    end: datetime = Field(examples=[TIME_EXAMPLE])
    overall: OverallPerformance
    services: dict[str, ServiceStats]
    recommendations: list[Recommendation]
    coverage: Coverage


class TrendValue(Model):
    """The number of one window that starts at `time`."""

    time: datetime = Field(examples=[TIME_EXAMPLE])
    value: float | None = Field(description="Null in a window that nobody remembers", examples=[60.0])


class TrendsAnswer(StatsBase):
    """One number over time: a count is a sum by window, a level a mean; windows without a report are left out."""

    period: str | None = Field(description="Null where `start` was given", examples=["6h"])
    start: datetime = Field(examples=[TIME_EXAMPLE])
    end: datetime = Field(examples=[TIME_EXAMPLE])
    window: str = Field(examples=["5m"])
    metric: str = Field(examples=["total_events"])
    service: str | None = Field(examples=[None])
    unit: str = Field(examples=["events"])
    trends: list[TrendValue]
    unknown: dict[str, str] = Field(
        description="Services that did not answer, with the reason", examples=[{"websocket-ingestion": "no answer"}]
    )
    coverage: Coverage


class HeartbeatSlot(Model):
    """A part of the period: in how many intervals the service reported, of how many in which it should have."""

    start: datetime = Field(examples=[TIME_EXAMPLE])
    state: HeartbeatState = Field(
        description="up: reported all the time, and nothing failed; degraded: reports are missing or something failed; "
        "down: no report at all; unknown: before its first report, or not over yet"
    )
    reports: int = Field(description="Intervals that hold a report", examples=[15])
    expected: int = Field(description="Intervals that should hold one", examples=[15])
    failed: int = Field(
        description="Events and writes of the service that failed (requests of the Admin API: answered with 500 or "
        "above)",
        examples=[0],
    )


class ServiceHeartbeats(Model):
    """One service over the period."""

    service: str = Field(examples=["websocket-ingestion"])
    label: str = Field(examples=["WebSocket ingestion"])
    uptime_percent: float | None = Field(
        description="Share of the expected intervals that hold a report; null where none is expected", examples=[99.9]
    )
    slots: list[HeartbeatSlot] = Field(description="Oldest first, about 96 at most; the first one may begin earlier")


class HeartbeatsAnswer(StatsBase):
    """In which parts of a period each service reported; services report every ten seconds."""

    period: str | None = Field(examples=["24h"])
    start: datetime = Field(examples=[TIME_EXAMPLE])
    end: datetime = Field(examples=[TIME_EXAMPLE])
    slot_s: int = Field(description="The length of a slot", examples=[900])
    interval_s: int = Field(
        description="The length in which reports are looked for: a minute in the last two days, else an hour (in more "
        "than a year a day). A silence that is shorter may not be seen",
        examples=[60],
    )
    services: list[ServiceHeartbeats]


class ServiceTrend(Model):
    """One service by window; null in a window without a report, or where a number is not known."""

    events_per_minute: list[float | None] = Field(
        description="Received; null in a window of which too little has passed", examples=[[60.0, 61.5]]
    )
    events_received: list[int | None] = Field(examples=[[300, 120]])
    events_processed: list[int | None] = Field(examples=[[298, 119]])
    events_duplicate: list[int | None] = Field(examples=[[1, 1]])
    events_filtered: list[int | None] = Field(examples=[[0, 0]])
    events_rejected: list[int | None] = Field(examples=[[1, 0]])
    events_expired: list[int | None] = Field(examples=[[0, 0]])
    events_failed: list[int | None] = Field(examples=[[0, 0]])
    write_attempts: list[int | None] = Field(examples=[[60, 24]])
    write_errors: list[int | None] = Field(examples=[[0, 0]])
    processing_time_ms: list[float | None] = Field(description="Mean of the window's events", examples=[[3.2, 2.9]])
    processing_time_ms_p50: list[float | None] = Field(
        description="From the window's latency histogram", examples=[[2.1, 2.0]]
    )
    processing_time_ms_p95: list[float | None] = Field(
        description="From the window's latency histogram", examples=[[9.5, 8.1]]
    )
    success_rate: list[float | None] = Field(description="Percent of the finished events", examples=[[99.7, 100.0]])
    queue_depth_max: list[float | None] = Field(
        description="The longest queue that one instance reported", examples=[[4.0, 0.0]]
    )
    lag_s_max: list[float | None] = Field(description="The longest lag that was reported", examples=[[0.3, 0.1]])


class ServiceTrendsAnswer(StatsBase):
    """Every number of every service over time, in columns: the value at a place belongs to the time at that place."""

    period: str | None = Field(description="Null where `start` was given", examples=["6h"])
    start: datetime = Field(examples=[TIME_EXAMPLE])
    end: datetime = Field(examples=[TIME_EXAMPLE])
    window: str = Field(examples=["5m"])
    times: list[datetime] = Field(
        description="The start of each window; the first and the last may lie partly outside", examples=[[TIME_EXAMPLE]]
    )
    trends: dict[str, ServiceTrend] = Field(description="By service; only those that reported")
    unknown: dict[str, str] = Field(
        description="Services that did not answer, with the reason", examples=[{"websocket-ingestion": "no answer"}]
    )
    coverage: Coverage
