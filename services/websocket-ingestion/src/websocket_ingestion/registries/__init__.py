"""Home Assistant's registries, and the renames found in them."""
