"""Rejected events: kept in a file of their own, listed, and replayed."""
