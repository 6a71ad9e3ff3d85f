"""The job that every request is: some models analyze one tile, where there is a GPU on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image

from zoo.errors import ZooError
from zoo_demo.analysis import Analysis, Answer, analyze
from zoo_demo.memory import memory_given_back
from zoo_demo.models import PageModel
from zoo_demo.zero_gpu import uses_gpu

STARTING_SECONDS, SECONDS_PER_MODEL = 10, 2
"""How long a job on ZeroGPU may take: to move the weights of all models to the GPU, and for each chosen model."""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """An error as plain data, which can be sent from one process to another."""

    message: str
    hint: str | None
    model: str


class Analyzer:
    """Analyzes tiles with the models of the page.

    Args:
        models: The models, in the order of the page.
    """

    def __init__(self, models: Sequence[PageModel]) -> None:
        self.models = tuple(models)
        self._answers_on_gpu = uses_gpu(self._answers, duration=seconds_on_gpu)

    def analyze(
        self, tile: Image.Image, models: Sequence[PageModel], method: str | None, label: str | None
    ) -> list[Analysis]:
        """Return one analysis for each of the given models.

        Args:
            tile: The tile.
            models: Some models of the page.
            method: The name of the heat map method; None for no heat maps.
            label: The class that the heat maps explain; None for the predicted ones.
        """
        with memory_given_back(tile.width * tile.height):
            answers = self._answers_on_gpu(tile, [model.name for model in models], method, label)
        if isinstance(answers, Failure):
            raise ZooError(answers.message, where=answers.model, hint=answers.hint)
        return [Analysis(model=model, **vars(answer)) for model, answer in zip(models, answers, strict=True)]

    def _answers(
        self, tile: Image.Image, names: Sequence[str], method: str | None, label: str | None
    ) -> list[Answer] | Failure:
        """Return the answers of the named models. On ZeroGPU it runs in another process: plain data go in and out."""
        by_name = {model.name: model for model in self.models}
        answers = []
        for name in names:
            try:
                answers.append(analyze(by_name[name], tile, method=method, label=label))
            except ZooError as error:
                return Failure(message=error.message, hint=error.hint, model=name)
        return answers


def seconds_on_gpu(_tile: Image.Image, names: Sequence[str], _method: str | None, _label: str | None) -> int:
    """Return how many seconds a job may take on ZeroGPU, from the arguments of the job."""
    return STARTING_SECONDS + SECONDS_PER_MODEL * len(names)
