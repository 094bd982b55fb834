"""Who may ask the Admin API for what, and what happens to everybody else."""
