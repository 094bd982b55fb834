"""Which events are kept."""
