"""Models of the rollout's switches, and of the comparison of the store with the services."""

from __future__ import annotations

from datetime import datetime

from pydantic import ConfigDict, Field

from admin_api.http.models import TIME_EXAMPLE, Model
from admin_api.rollout.source_choice import Limit


class ComparedField(Model):
    """How often a number was compared since the start, and differed by more than the tolerance."""

    compared: int = Field(examples=[120])
    differing: int = Field(examples=[0])
    largest_percent: float = Field(examples=[0.0])


class ComparedDifference(Model):
    """A number in which store and services differed."""

    time: datetime = Field(examples=[TIME_EXAMPLE])
    question: str = Field(examples=['{"period":"1h","window":null,"service":null}'])
    field: str = Field(examples=["services.enrichment-pipeline.events_processed"])
    store: float = Field(examples=[3580.0])
    services: float = Field(examples=[3100.0])
    difference_percent: float = Field(examples=[13.4])


class ComparisonAnswer(Model):
    """What store and services said to the same questions, while `stats_compare` was on; counted since the start."""

    enabled: bool
    tolerance_percent: float = Field(examples=[5.0])
    answers_compared: int = Field(examples=[120])
    answers_differing: int = Field(examples=[1])
    answers_not_compared: int = Field(description="The services could not be asked", examples=[0])
    answers_not_covered: int = Field(
        description="Not compared, since the services do not remember all of the period", examples=[0]
    )
    fields: dict[str, ComparedField]
    differences: list[ComparedDifference] = Field(description="The newest first, 100 at most")


class StatsSourceEnvironment(Model):
    """What the environment says of the switches; null where it says nothing."""

    use_influxdb_stats: bool | None = Field(examples=[True])
    influxdb_rollout_percent: int | None = Field(examples=[50])
    stats_compare: bool | None


class StatsSourceLimits(Model):
    """What keeps each switch below its highest value; null where nothing does."""

    use_influxdb_stats: Limit | None
    influxdb_rollout_percent: Limit | None = Field(examples=[Limit.RUN_TIME])


class StatsSourceAnswer(Model):
    """The rollout's switches in force, and what limits them."""

    use_influxdb_stats: bool = Field(description="Statistics come from the store", examples=[True])
    influxdb_rollout_percent: int = Field(
        description="Share of the clients that get them from there, the others from the services", examples=[100]
    )
    stats_compare: bool = Field(description="Both are asked, and their differences counted", examples=[False])
    environment: StatsSourceEnvironment
    limited_by: StatsSourceLimits
    variables: list[str] = Field(
        description="The environment variables that are set", examples=[["INFLUXDB_ROLLOUT_PERCENT"]]
    )


class StatsSourceBody(Model):
    """Other values for some of the switches; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid", strict=True)

    use_influxdb_stats: bool | None = Field(default=None, examples=[True])
    influxdb_rollout_percent: int | None = Field(default=None, ge=0, le=100, examples=[10])
    stats_compare: bool | None = Field(default=None, examples=[True])
