"""The Admin API that runs, as the commands call it."""
