"""Splits of a data set into training, validation and test."""
