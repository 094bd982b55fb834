"""Calls between services: the interfaces with their implementation over HTTP."""
