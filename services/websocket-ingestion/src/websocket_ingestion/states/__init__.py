"""What Home Assistant shows of its entities: snapshots, and the states that were captured."""
