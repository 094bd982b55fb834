"""Transactions: what the store writes to its file, and deletes from it."""
