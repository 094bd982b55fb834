"""An InfluxDB server: HTTP, what its version can do, its administration and its answers."""
