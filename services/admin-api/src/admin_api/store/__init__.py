"""The way to the store: the connection, its circuit breaker and its metrics."""
