"""InfluxReader and answers: what the store reads from its file."""
