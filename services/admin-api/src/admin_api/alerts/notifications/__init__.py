"""Notifications of alerts: the targets, and sending to them."""
