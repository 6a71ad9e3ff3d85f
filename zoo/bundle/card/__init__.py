"""The model card: the README.md of a bundle."""

from zoo.bundle.card.card import card
from zoo.bundle.card.signature import is_untouched

__all__ = ["card", "is_untouched"]
