"""The settings of an answer: what a trained model says beside the probabilities."""

from __future__ import annotations

from dataclasses import dataclass

from zoo.config.fields import Configuration, setting


@dataclass(frozen=True, kw_only=True)
class AnswerConfig(Configuration):
    """What a trained model says beside the probabilities."""

    coverage: float | None = setting(
        None,
        "Give prediction sets too: the classes that cannot be ruled out. They contain the true class with this "
        "probability for images of new patients, such as 0.9.",
        group="output",
        above=0,
        below=1,
    )
