"""The commands that check: settings, data, the store and Home Assistant."""
