"""Requests to other services: interfaces, and their implementations over HTTP."""
