"""The connection to Home Assistant: handshake, protocol, socket, session, and when to reconnect."""
