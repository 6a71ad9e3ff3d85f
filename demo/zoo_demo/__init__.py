"""The page that compares classifiers: one tile, several models, what each says and where it looks."""

from zoo_demo.open_demo import open_demo

__all__ = ["open_demo"]
