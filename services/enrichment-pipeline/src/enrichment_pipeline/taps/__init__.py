"""Live taps: events as they were received, with their outcomes."""
