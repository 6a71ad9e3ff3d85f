"""The commands of `zoo`, one in each module."""
