"""The page of the demo as a Hugging Face Space: its files, and the commit that uploads them."""

from zoo.space.push_space import PushedSpace, push_space

__all__ = ["PushedSpace", "push_space"]
