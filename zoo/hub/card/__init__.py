"""The model card: the README.md of a bundle."""

from zoo.hub.card.page import card
from zoo.hub.card.signature import is_untouched

__all__ = ["card", "is_untouched"]
