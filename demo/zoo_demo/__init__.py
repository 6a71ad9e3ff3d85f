"""The demo page: compare the predictions and heat maps of several models on one tile."""

from zoo_demo.open_demo import open_demo

__all__ = ["open_demo"]
