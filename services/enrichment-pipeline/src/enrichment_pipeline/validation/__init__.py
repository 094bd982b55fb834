"""Converts the JSON of events to typed values, or to the reason of a rejection."""
