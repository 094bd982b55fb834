"""What every InfluxDB has in common: lines, writes, rollups, answers; a dialect adds its language of questions."""
