"""Decoded images at the input size of a network, from a store or decoded each time."""
