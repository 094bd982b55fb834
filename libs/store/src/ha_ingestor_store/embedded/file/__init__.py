"""The file of the embedded store: its tables, connections to it, and its state on disk."""
