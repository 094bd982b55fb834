"""The segments of a spool: files of numbered, checksummed events, and what is done about damaged ones."""
