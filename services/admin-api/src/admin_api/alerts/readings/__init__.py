"""The values that rules are compared with, from the store or from the services."""
