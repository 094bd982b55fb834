"""Captures every event of a Home Assistant and hands it on until it is acknowledged."""
