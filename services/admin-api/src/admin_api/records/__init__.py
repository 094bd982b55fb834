"""What was not stored, and the accounting of all that was received."""
