"""The health of the whole and the data flow as a graph."""
