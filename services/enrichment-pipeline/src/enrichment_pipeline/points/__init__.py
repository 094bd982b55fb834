"""From valid events to the points that are stored."""
