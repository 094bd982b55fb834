"""InfluxQL: statements as text, asked over `/query`, answers as rows; the same on every version."""
