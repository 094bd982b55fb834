"""Which events are kept, and which are shown as they arrive."""
