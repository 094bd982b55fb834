"""Subscribes to the events of a home: all of them, or those that the token allows."""

from __future__ import annotations

import structlog
from ha_ingestor_core.events import STATE_CHANGED
from msgspec import Struct

from websocket_ingestion.errors import CommandRefusedError, SubscriptionRefusedError
from websocket_ingestion.messages import CommandRunner

_log = structlog.get_logger()

ALLOWED_EVENT_TYPES = (
    STATE_CHANGED,
    "entity_registry_updated",
    "device_registry_updated",
    "area_registry_updated",
    "floor_registry_updated",
    "label_registry_updated",
    "category_registry_updated",
    "repairs_issue_registry_updated",
    "core_config_updated",
    "component_loaded",
    "service_registered",
    "service_removed",
    "recorder_5min_statistics_generated",
    "recorder_hourly_statistics_generated",
    "labs_updated",
    "lovelace_updated",
    "panels_updated",
    "shopping_list_updated",
    "themes_updated",
)
"""SUBSCRIBE_ALLOWLIST of Home Assistant 2026.11: what a token without administrator rights may subscribe to."""


class Subscription(Struct, frozen=True):
    """What is subscribed to; `event_types` is None for everything."""

    event_types: tuple[str, ...] | None = None

    @property
    def kind(self) -> str:
        """`all`, or `allow-list`."""
        return "all" if self.event_types is None else "allow-list"


async def subscribe(connection: CommandRunner) -> Subscription:
    """Subscribe; raises SubscriptionRefusedError where the token does not allow even state changes."""
    if await _may_subscribe(connection):
        return Subscription()
    allowed = [each for each in ALLOWED_EVENT_TYPES if await _may_subscribe(connection, event_type=each)]
    if STATE_CHANGED not in allowed:
        raise SubscriptionRefusedError(f"Home Assistant refuses this token a subscription to {STATE_CHANGED}")
    return Subscription(tuple(allowed))


async def _may_subscribe(connection: CommandRunner, **event_type: str) -> bool:
    """Whether the token allows it; raises any other refusal."""
    try:
        await connection.command("subscribe_events", **event_type)
    except CommandRefusedError as err:
        if err.code != "unauthorized":
            raise
        return False
    return True
