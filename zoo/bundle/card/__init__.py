"""The model card: the README.md of a bundle."""

from zoo.bundle.card.card import card, own_parts
from zoo.bundle.card.card_parts import CardError, CardParts, read_card

__all__ = ["CardError", "CardParts", "card", "own_parts", "read_card"]
