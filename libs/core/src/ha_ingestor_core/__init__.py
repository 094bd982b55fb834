"""Shared by all services: events, errors, settings, clock, logging and service metrics."""
