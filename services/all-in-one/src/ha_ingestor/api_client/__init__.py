"""The client of the Admin API."""
