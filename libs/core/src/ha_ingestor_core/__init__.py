"""What every service of HA Ingestor shares: events, errors, settings, clock, logging and service metrics."""
