"""The weather outside at the time of an event: heard from the home's own entity, or asked of a service."""
