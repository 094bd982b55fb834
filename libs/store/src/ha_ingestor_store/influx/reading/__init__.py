"""InfluxReader and answers: what the store reads from InfluxDB."""
