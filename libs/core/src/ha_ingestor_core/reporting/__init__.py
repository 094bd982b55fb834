"""Metrics of a service: totals, rates, and reports to the store."""
