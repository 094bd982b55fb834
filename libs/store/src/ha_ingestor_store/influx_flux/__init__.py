"""The dialect of InfluxDB 2.x: Flux through influxdb-client, lines over `POST /api/v2/write`."""
