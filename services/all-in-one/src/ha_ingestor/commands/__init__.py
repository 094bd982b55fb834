"""The commands of `ha-ingestor`, a module each."""
