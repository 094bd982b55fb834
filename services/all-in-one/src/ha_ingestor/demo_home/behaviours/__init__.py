"""What acts by itself in the demo home, one module for each kind of thing."""
