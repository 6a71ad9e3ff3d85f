"""Bundles, and the way to the Hub and back. Importing this is cheap: the client comes with the first call."""

from zoo.hub.locate import locate
from zoo.hub.remote import pull, push

__all__ = ["locate", "pull", "push"]
