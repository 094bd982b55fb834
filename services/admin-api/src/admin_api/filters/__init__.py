"""The filters of events, and their preview."""
