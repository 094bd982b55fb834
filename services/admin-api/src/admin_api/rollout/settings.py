"""The settings of the source of statistics."""

from __future__ import annotations

from ha_ingestor_core.settings.group import SettingsGroup
from pydantic import Field


class StatsSettings(SettingsGroup):
    """Where statistics come from. At run time the first two can be lowered below what is set, never raised above it."""

    use_influxdb_stats: bool | None = Field(
        None,
        validation_alias="USE_INFLUXDB_STATS",
        description="Source of statistics: the store (true), or the services (false); true when unset. "
        "If false, it cannot be changed at run time",
    )
    influxdb_rollout_percent: int | None = Field(
        None,
        validation_alias="INFLUXDB_ROLLOUT_PERCENT",
        ge=0,
        le=100,
        description="Percentage of clients with statistics from the store, the others get them from the services; "
        "100 when unset. At run time it can be lowered, but not raised above this value",
    )
    stats_compare: bool | None = Field(
        None,
        validation_alias="STATS_COMPARE",
        description="Compare the statistics of store and services, and count differences; false when unset, and then "
        "changeable at run time",
    )
    compare_tolerance_percent: float = Field(
        5.0,
        validation_alias="STATS_COMPARE_TOLERANCE_PERCENT",
        ge=0,
        le=100,
        description="Differences between store and services up to this percentage are ignored",
    )
    timeout_s: float = Field(
        1.5,
        validation_alias="STATS_TIMEOUT_S",
        ge=0.05,
        le=60,
        description="Time limit in seconds for statistics from the store, before the services are used; 0.05 to 60",
    )

    @property
    def fixed(self) -> dict[str, bool | int]:
        """The values in the environment of the switches that can be changed at run time."""
        values = {name: getattr(self, name) for name in self.variables}
        return {name: value for name, value in values.items() if value is not None}

    @property
    def variables(self) -> dict[str, str]:
        """The variables of the switches that can be changed at run time, by name."""
        names = ("use_influxdb_stats", "influxdb_rollout_percent", "stats_compare")
        return {name: str(type(self).model_fields[name].validation_alias) for name in names}
