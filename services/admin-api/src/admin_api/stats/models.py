"""Models of statistics."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from admin_api.http.models import TIME_EXAMPLE, Coverage, Model
from admin_api.rollout.source import StatsSource
from admin_api.stats.alert_models import Alert, RateAlert
from admin_api.stats.recommendations import Level
from admin_api.stats.sources.heartbeats import HeartbeatState

_WARNING = (
    "The store is unavailable. These statistics are from the memory of the services: "
    "http://influxdb:8086 did not answer"
)


class StatsBase(Model):
    """Members of every answer with statistics."""

    timestamp: datetime = Field(examples=[TIME_EXAMPLE])
    source: StatsSource = Field(description="Source of the answer", examples=[StatsSource.INFLUXDB])
    warning: str | None = Field(
        description="Reason for the fallback to the services; null without a fallback", examples=[None, _WARNING]
    )


class ServiceStats(Model):
    """A service over a period; null: unknown. For the admin-api, events are HTTP requests."""

    service: str = Field(examples=["websocket-ingestion"])
    events_received: int | None = Field(examples=[3600])
    events_processed: int | None = Field(examples=[3580])
    events_duplicate: int | None = Field(examples=[12])
    events_filtered: int | None = Field(examples=[0])
    events_rejected: int | None = Field(examples=[8])
    events_expired: int | None = Field(description="Events older than the retention of the store", examples=[0])
    events_failed: int | None = Field(examples=[0])
    events_per_minute: float | None = Field(examples=[60.0])
    write_attempts: int | None = Field(examples=[720])
    write_errors: int | None = Field(examples=[0])
    processing_time_ms: float | None = Field(examples=[3.2])
    processing_time_ms_p95: float | None = Field(examples=[9.5])
    success_rate: float | None = Field(description="Percentage of completed events", examples=[99.8])
    queue_depth: float | None = Field(examples=[0.0])
    lag_s: float | None = Field(examples=[0.02])
    last_seen: datetime | None = Field(description="Time of the newest report", examples=[TIME_EXAMPLE])
    error: str | None = Field(description="Reason if the service did not answer; its metrics are null", examples=[None])


class Metrics(Model):
    """The key figures of a period; null: unknown."""

    total_events: int | None = Field(description="Stored events", examples=[3580])
    events_per_minute: float | None = Field(
        description="Over the covered part of the period, at least a minute", examples=[59.7]
    )
    total_writes: int | None = Field(examples=[720])
    write_errors: int | None = Field(examples=[0])
    error_rate_percent: float | None = Field(examples=[0.0])
    services: dict[str, ServiceStats]


class TrendPoint(Model):
    """The events of the window that starts at `time`; the first and the last may extend beyond the period."""

    time: datetime = Field(examples=[TIME_EXAMPLE])
    count: int | None = Field(description="null: not known for this window", examples=[60])


class StatsAnswer(StatsBase):
    """The statistics of a period."""

    period: str | None = Field(description="null if `start` was given", examples=["1h"])
    start: datetime = Field(examples=[TIME_EXAMPLE])
    end: datetime = Field(examples=[TIME_EXAMPLE])
    metrics: Metrics
    trends: list[TrendPoint]
    alerts: list[Alert | RateAlert]
    coverage: Coverage


class ServicesAnswer(StatsBase):
    """The services in a period, by name."""

    period: str | None = Field(description="null if `start` was given", examples=["1h"])
    start: datetime = Field(examples=[TIME_EXAMPLE])
    end: datetime = Field(examples=[TIME_EXAMPLE])
    services: dict[str, ServiceStats]
    coverage: Coverage


class MetricValue(Model):
    """The newest value of a metric of a service."""

    name: str = Field(examples=["processing_time_ms_p95"])
    value: float = Field(examples=[9.5])
    unit: str = Field(examples=["ms"])
    timestamp: datetime = Field(examples=[TIME_EXAMPLE])
    tags: dict[str, str] = Field(examples=[{"service": "websocket-ingestion", "instance": "home-server"}])


class OverallPerformance(Model):
    """All services together; null if one of them did not answer."""

    total_requests: int | None = Field(description="Received events and HTTP requests", examples=[10_800])
    total_errors: int | None = Field(description="Rejected or failed events and requests", examples=[8])
    average_response_time: float | None = Field(description="Mean processing time in milliseconds", examples=[4.1])
    success_rate: float | None = Field(description="Percentage of completed events and requests", examples=[99.9])
    throughput: float | None = Field(description="Received events and requests per minute", examples=[180.0])


class Recommendation(Model):
    """A recommendation for a service."""

    service: str = Field(examples=["enrichment-pipeline"])
    type: str = Field(examples=["latency"])
    level: Level = Field(examples=[Level.WARNING])
    message: str = Field(examples=["5 % of the events took longer than 1800 ms"])
    recommendation: str = Field(examples=["Give the store a faster disk or more memory"])


class PerformanceAnswer(StatsBase):
    """The performance of all services and of each, with recommendations sorted by severity."""

    period: str | None = Field(description="null if `start` was given", examples=["1h"])
    start: datetime = Field(examples=[TIME_EXAMPLE])
    end: datetime = Field(examples=[TIME_EXAMPLE])
    overall: OverallPerformance
    services: dict[str, ServiceStats]
    recommendations: list[Recommendation]
    coverage: Coverage


class TrendValue(Model):
    """The value of the window that starts at `time`."""

    time: datetime = Field(examples=[TIME_EXAMPLE])
    value: float | None = Field(description="null: not known for this window", examples=[60.0])


class TrendsAnswer(StatsBase):
    """A metric over time: sums of counters, means of levels; windows without a report are omitted."""

    period: str | None = Field(description="null if `start` was given", examples=["6h"])
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
    """A part of the period, with the number of intervals with a report and of expected reports."""

    start: datetime = Field(examples=[TIME_EXAMPLE])
    state: HeartbeatState = Field(
        description="up: all reports, no failures; degraded: missing reports or failures; "
        "down: no report; unknown: before the first report, or not yet complete"
    )
    reports: int = Field(description="Intervals with a report", examples=[15])
    expected: int = Field(description="Intervals in which a report is expected", examples=[15])
    failed: int = Field(
        description="Failed events and writes of the service (Admin API: requests with status 500 or above)",
        examples=[0],
    )


class ServiceHeartbeats(Model):
    """A service over the period."""

    service: str = Field(examples=["websocket-ingestion"])
    label: str = Field(examples=["WebSocket ingestion"])
    uptime_percent: float | None = Field(
        description="Percentage of the expected intervals with a report; null if none is expected", examples=[99.9]
    )
    slots: list[HeartbeatSlot] = Field(
        description="Oldest first, at most about 96; the first may begin before the period"
    )


class HeartbeatsAnswer(StatsBase):
    """The reports of each service over a period. Services report every ten seconds."""

    period: str | None = Field(examples=["24h"])
    start: datetime = Field(examples=[TIME_EXAMPLE])
    end: datetime = Field(examples=[TIME_EXAMPLE])
    slot_s: int = Field(description="Length of a slot", examples=[900])
    interval_s: int = Field(
        description="Length of an interval: a minute in the last two days, otherwise an hour (a day for more than a "
        "year). Shorter outages are not detected",
        examples=[60],
    )
    services: list[ServiceHeartbeats]


class ServiceTrend(Model):
    """A service by window; null in a window without a report, or if a metric is unknown."""

    events_per_minute: list[float | None] = Field(
        description="Received events; null in a window that has just begun", examples=[[60.0, 61.5]]
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
    processing_time_ms: list[float | None] = Field(
        description="Mean of the events of the window", examples=[[3.2, 2.9]]
    )
    processing_time_ms_p50: list[float | None] = Field(
        description="From the latency histogram of the window", examples=[[2.1, 2.0]]
    )
    processing_time_ms_p95: list[float | None] = Field(
        description="From the latency histogram of the window", examples=[[9.5, 8.1]]
    )
    success_rate: list[float | None] = Field(description="Percentage of completed events", examples=[[99.7, 100.0]])
    queue_depth_max: list[float | None] = Field(description="Longest queue of an instance", examples=[[4.0, 0.0]])
    lag_s_max: list[float | None] = Field(description="Longest reported lag", examples=[[0.3, 0.1]])


class ServiceTrendsAnswer(StatsBase):
    """All metrics of all services over time, as columns: values are in the order of `times`."""

    period: str | None = Field(description="null if `start` was given", examples=["6h"])
    start: datetime = Field(examples=[TIME_EXAMPLE])
    end: datetime = Field(examples=[TIME_EXAMPLE])
    window: str = Field(examples=["5m"])
    times: list[datetime] = Field(
        description="Start of each window; the first and the last may extend beyond the period",
        examples=[[TIME_EXAMPLE]],
    )
    trends: dict[str, ServiceTrend] = Field(description="Services with a report, by name")
    unknown: dict[str, str] = Field(
        description="Services that did not answer, with the reason", examples=[{"websocket-ingestion": "no answer"}]
    )
    coverage: Coverage
