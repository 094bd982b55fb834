"""The embedded dialect: SQLite in WAL mode, one writer, readers that never block it."""
