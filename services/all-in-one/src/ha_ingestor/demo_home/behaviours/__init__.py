"""The behaviours of the demo home, a module for each kind."""
