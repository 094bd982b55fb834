"""Home Assistant's history: what is requested from its recorder, and what its answers hold."""
