"""The health of all parts, and the data flow as a graph."""
