"""The connection to Home Assistant: protocol, socket, reconnecting, and what is done on it."""
