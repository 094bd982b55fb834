"""The other services: their status, and requests to them."""
