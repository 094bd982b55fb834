"""The checks of `ha-ingestor doctor`."""
