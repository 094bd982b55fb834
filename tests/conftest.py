"""Fixtures that every ring of tests shares."""
