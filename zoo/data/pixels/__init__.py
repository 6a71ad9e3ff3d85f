"""Decoded images: open_or_build once, or read each time."""
