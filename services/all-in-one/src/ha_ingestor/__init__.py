"""The ha-ingestor command: every role in one program, and the demo home."""
