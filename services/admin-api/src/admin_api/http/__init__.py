"""HTTP for all rooms: errors, parameters, middleware, the server, the dashboard's files."""
