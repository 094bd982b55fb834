"""Structured logging, and the newest warnings and errors of each service."""
