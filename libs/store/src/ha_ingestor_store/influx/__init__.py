"""The store on InfluxDB 1.x and 2.x."""
