"""What a service counts and reports: totals, rates, and reports to the store."""
