"""Every option, declared once: what it means, its range, and everything that is derived from it."""
