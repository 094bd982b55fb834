"""From the JSON of an event to typed values, or to the reason why it is rejected."""
