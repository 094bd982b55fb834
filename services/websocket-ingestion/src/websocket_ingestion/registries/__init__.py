"""Home Assistant's registries, and the renames that they tell of."""
