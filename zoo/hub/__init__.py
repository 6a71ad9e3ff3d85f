"""The Hugging Face Hub: push and pull. The Hub's client is imported by the first call."""

from zoo.hub.pull import pull
from zoo.hub.push import push

__all__ = ["pull", "push"]
