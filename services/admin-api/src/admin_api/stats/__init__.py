"""Statistics of a period: the questions, the answers from the store or the services, and their cache."""
