"""From the spool to the enrichment-pipeline."""
