"""From a result to what a person reads."""
