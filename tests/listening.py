"""Somebody who listens to long work."""

from __future__ import annotations

from zoo.progress import Silent


class Listener(Silent):
    """Remembers what was said."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def say(self, message: str) -> None:
        self.heard.append(message)
