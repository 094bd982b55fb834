"""HTTP between the services: the server, the client, and the limits on connections."""
