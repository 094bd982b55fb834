"""Alerts: rules over what the store says, raised and cleared with hysteresis, kept, told and listed."""
