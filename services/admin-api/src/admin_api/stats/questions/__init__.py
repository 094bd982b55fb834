"""InfluxReader about statistics: hashable values that build their JSON answer, the same from every source."""
