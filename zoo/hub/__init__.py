"""The Hugging Face Hub: push and pull. Importing this is cheap: the client comes with the first call."""

from zoo.hub.push import pull, push

__all__ = ["pull", "push"]
