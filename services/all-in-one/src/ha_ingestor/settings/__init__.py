"""All settings of all services: validation, reference and remarks."""
