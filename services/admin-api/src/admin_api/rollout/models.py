"""Models of the switches of the rollout, and of the comparison of store and services."""

from __future__ import annotations

from datetime import datetime

from pydantic import ConfigDict, Field

from admin_api.http.models import TIME_EXAMPLE, Model
from admin_api.rollout.source_choice import Limit


class ComparedField(Model):
    """How often a value was compared since the start, and differed by more than the tolerance."""

    compared: int = Field(examples=[120])
    differing: int = Field(examples=[0])
    largest_percent: float = Field(examples=[0.0])


class ComparedDifference(Model):
    """A value that differed between store and services."""

    time: datetime = Field(examples=[TIME_EXAMPLE])
    question: str = Field(examples=['{"period":"1h","window":null,"service":null}'])
    field: str = Field(examples=["services.enrichment-pipeline.events_processed"])
    store: float = Field(examples=[3580.0])
    services: float = Field(examples=[3100.0])
    difference_percent: float = Field(examples=[13.4])


class ComparisonAnswer(Model):
    """Comparison of store and services since the start, while `stats_compare` is enabled."""

    enabled: bool
    tolerance_percent: float = Field(examples=[5.0])
    answers_compared: int = Field(examples=[120])
    answers_differing: int = Field(examples=[1])
    answers_not_compared: int = Field(description="Not compared: the services did not answer", examples=[0])
    answers_not_covered: int = Field(
        description="Not compared: the services do not remember the whole period", examples=[0]
    )
    fields: dict[str, ComparedField]
    differences: list[ComparedDifference] = Field(description="Newest first, at most 100")


class StatsSourceEnvironment(Model):
    """The values of the switches in the environment; null if not set."""

    use_influxdb_stats: bool | None = Field(examples=[True])
    influxdb_rollout_percent: int | None = Field(examples=[50])
    stats_compare: bool | None


class StatsSourceLimits(Model):
    """What limits each switch below its maximum; null if nothing does."""

    use_influxdb_stats: Limit | None
    influxdb_rollout_percent: Limit | None = Field(examples=[Limit.RUN_TIME])


class StatsSourceAnswer(Model):
    """The effective switches of the rollout, and their limits."""

    use_influxdb_stats: bool = Field(description="Whether statistics come from the store", examples=[True])
    influxdb_rollout_percent: int = Field(
        description="Percentage of clients with statistics from the store; the others get them from the services",
        examples=[100],
    )
    stats_compare: bool = Field(description="Whether store and services are compared", examples=[False])
    environment: StatsSourceEnvironment
    limited_by: StatsSourceLimits
    variables: list[str] = Field(
        description="Environment variables that are set", examples=[["INFLUXDB_ROLLOUT_PERCENT"]]
    )


class StatsSourceBody(Model):
    """New values of switches; omitted switches are unchanged."""

    model_config = ConfigDict(extra="forbid", strict=True)

    use_influxdb_stats: bool | None = Field(default=None, examples=[True])
    influxdb_rollout_percent: int | None = Field(default=None, ge=0, le=100, examples=[10])
    stats_compare: bool | None = Field(default=None, examples=[True])
