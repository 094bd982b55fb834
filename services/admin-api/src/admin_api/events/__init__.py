"""Stored events and entities."""
