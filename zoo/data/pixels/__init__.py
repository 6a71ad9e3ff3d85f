"""Decoded images: stored once, or read each time."""
