"""The configuration: every option declared once, with its help, its range and everything derived from it."""
