"""Statistics of a period from the store, or from the reports that the services remember."""
