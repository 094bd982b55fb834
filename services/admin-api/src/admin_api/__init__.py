"""The Admin API: statistics, health, events and configuration over HTTP, and the dashboard."""
