"""The store's file: its tables, connections to it, and its state on disk."""
