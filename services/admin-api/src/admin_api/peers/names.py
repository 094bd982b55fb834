"""The names and labels of the services."""

from __future__ import annotations

SERVICES = ("websocket-ingestion", "enrichment-pipeline", "admin-api")
"""The services of HA Ingestor, known before they report."""


HOME_ASSISTANT, WEATHER, INGESTION, PIPELINE, ADMIN_API, DASHBOARD = (
    "home-assistant",
    "weather",
    "websocket-ingestion",
    "enrichment-pipeline",
    "admin-api",
    "health-dashboard",
)


LABELS = {
    HOME_ASSISTANT: "Home Assistant",
    WEATHER: "Weather",
    INGESTION: "WebSocket ingestion",
    PIPELINE: "Enrichment pipeline",
    ADMIN_API: "Admin API",
    DASHBOARD: "Dashboard",
}


SERVICE = "admin-api"
"""The name of this service in service_metrics."""
