"""Statistics of a period: queries, answers from the store or the services, and their cache."""
