"""Decoded images at the size of a network, read from a store or decoded each time."""
