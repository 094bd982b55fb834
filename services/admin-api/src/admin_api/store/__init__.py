"""Access to the store: the gate, its circuit breaker and its metrics."""
