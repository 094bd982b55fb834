"""Answers every statistic and health question from the store, and serves the dashboard."""
