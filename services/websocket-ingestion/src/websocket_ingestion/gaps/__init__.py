"""Gaps in the capture: found by a durable mark, filled from Home Assistant's history, told to the store."""
