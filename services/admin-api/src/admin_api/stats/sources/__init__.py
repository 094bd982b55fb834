"""The sources of statistics: the store, or the reports in the memory of the services."""
