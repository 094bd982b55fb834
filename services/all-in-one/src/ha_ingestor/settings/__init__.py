"""All settings of all services: checked, described and written down."""
