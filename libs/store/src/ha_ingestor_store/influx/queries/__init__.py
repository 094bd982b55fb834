"""Queries of InfluxDB, a round trip each, and their rows as points and plain values."""
