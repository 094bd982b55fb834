"""Lines and batches: what the store writes to InfluxDB."""
