"""Bodies to gesture events."""
