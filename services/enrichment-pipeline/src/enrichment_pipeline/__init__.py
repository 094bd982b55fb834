"""Validates, normalises and enriches events, and writes them to the store."""
