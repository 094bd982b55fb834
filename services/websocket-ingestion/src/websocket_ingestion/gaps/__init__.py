"""Gaps in the capture: found by a durable checkpoint, filled from Home Assistant's history, written to the store."""
