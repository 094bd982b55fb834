"""Converts valid events to the points of the store."""
