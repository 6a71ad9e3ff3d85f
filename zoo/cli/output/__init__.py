"""Printing: tables, progress, summaries."""
