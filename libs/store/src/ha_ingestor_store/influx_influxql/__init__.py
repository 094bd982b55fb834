"""The dialect of InfluxDB 1.x: InfluxQL over `GET /query`, lines over `POST /write`."""
