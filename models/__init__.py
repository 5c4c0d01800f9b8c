"""Pixels to numbers: networks, their training, and the value types that everyone shares."""
