"""Alerts: rules, evaluation with hysteresis, notifications and history."""
