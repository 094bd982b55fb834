"""Writes points to the store, in groups, and accounts for every event."""
