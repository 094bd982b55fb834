"""Backups of DATA_DIR, and restoring them."""
