"""Settings: groups read from the environment and `.env`, secrets in files, addresses and certificates."""
