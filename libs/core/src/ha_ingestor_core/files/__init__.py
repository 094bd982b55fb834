"""Files in DATA_DIR: durable writes, format numbers, and the metrics of the disk."""
