"""The spool: captured events on disk until the store has acknowledged them (docs/adr/0008)."""
