"""Server-sent events: new events, statistics and alerts as they come, and the live tap."""
