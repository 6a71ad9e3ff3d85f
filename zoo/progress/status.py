"""The status of a task: how much is done, how fast, and facts such as epoch and loss."""

from __future__ import annotations

from collections.abc import Mapping

from zoo.progress.rate import Pace, clock, per_time


class TaskStatus:
    """The status of one task. The classes derived from it show it.

    Args:
        label: What is done, such as "training".
        total: How many steps the task has.
        unit: The name of the steps, such as "images".
        done: How many steps were done before a resume.
    """

    def __init__(self, label: str, total: int, unit: str, *, done: int) -> None:
        self.label, self.unit = label, unit
        self.pace = Pace(total, done)
        self.facts: Mapping[str, str] = {}

    def advance(self, steps: int = 1, **facts: str) -> None:
        """Count steps as done, and replace the facts that are given."""
        self.pace.advance(steps)
        self.facts = {**self.facts, **facts}  # replaced at once, because another thread may draw them

    def __str__(self) -> str:
        pace = self.pace
        parts = [
            f"{self.label}: {pace.done}/{pace.total} {self.unit}",
            per_time(pace.rate, self.unit),
            f"{clock(pace.elapsed)} elapsed",
            pace.time_left,
            *(f"{name} {value}" for name, value in self.facts.items() if value),
        ]
        return ", ".join(part for part in parts if part)
