"""Which clients get statistics from the store: the switches of the gradual rollout."""
