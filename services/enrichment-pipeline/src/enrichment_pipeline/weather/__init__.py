"""The weather at the time of an event: from a weather entity of the home, or from a weather service."""
