"""Filters: which events are stored, and which are shown in live views."""
