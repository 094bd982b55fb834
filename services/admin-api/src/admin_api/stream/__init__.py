"""Server-sent events: live events, statistics and alerts, and the live tap."""
