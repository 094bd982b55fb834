"""The rollups: who keeps them, and which may be trusted."""
