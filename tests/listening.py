"""A reporter that records the messages of long work."""

from __future__ import annotations

from zoo.progress import Silent


class Listener(Silent):
    """Records every message in `heard`."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def say(self, message: str) -> None:
        self.heard.append(message)
