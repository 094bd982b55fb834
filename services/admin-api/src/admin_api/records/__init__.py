"""Gaps, backfills, rejected events and the accounting of received events."""
