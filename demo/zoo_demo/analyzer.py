"""The job that every request is: some models analyze one tile or several, where there is a GPU on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from PIL import Image

from zoo.errors import ZooError
from zoo_demo.analysis import Analysis, Answer, analyze
from zoo_demo.memory import memory_given_back
from zoo_demo.models import PageModel
from zoo_demo.zero_gpu import on_zero_gpu, uses_gpu

STARTING_SECONDS, SECONDS_PER_MODEL, SECONDS_PER_ANSWER = 10, 2, 0.1
"""How long a job on ZeroGPU may take: to move the weights of all models to the GPU, for the first tile of each chosen
model, and for each further tile and model. They are upper limits: the GPU is given back when the job has ended."""


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

    def warm_up(self, tile: Image.Image) -> None:
        """Analyze a tile with every model: a model that fails does so now, and the first click is not slow."""
        if not on_zero_gpu():  # it would take from the visitors' time on a GPU
            self.analyze(tile, self.models, "grad-cam", None)

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
        (found,) = self.analyze_all([tile], models, method, label)
        if isinstance(found, ZooError):
            raise found
        return found

    def analyze_all(
        self, tiles: Sequence[Image.Image], models: Sequence[PageModel], method: str | None, label: str | None
    ) -> list[list[Analysis] | ZooError]:
        """Return for each tile what `analyze` returns, or its error; all in one job.

        Args:
            tiles: The tiles.
            models: Some models of the page.
            method: The name of the heat map method; None for no heat maps.
            label: The class that the heat maps explain; None for the predicted ones.
        """
        names = [model.name for model in models]
        with memory_given_back(sum(tile.width * tile.height for tile in tiles)):
            answers = self._answers_on_gpu(tiles, names, method, label)
        return [
            ZooError(found.message, where=found.model, hint=found.hint)
            if isinstance(found, Failure)
            else [Analysis(model=model, **vars(answer)) for model, answer in zip(models, found, strict=True)]
            for found in answers
        ]

    def _answers(
        self, tiles: Sequence[Image.Image], names: Sequence[str], method: str | None, label: str | None
    ) -> list[list[Answer] | Failure]:
        """Return the answers of the named models. On ZeroGPU it runs in another process: plain data go in and out."""
        found: list[list[Answer] | Failure] = [[] for _ in tiles]
        by_name = {model.name: model for model in self.models}
        for name in names:  # one model after the other: one that is not in memory is loaded once
            for number, tile in enumerate(tiles):
                answers = found[number]
                if isinstance(answers, Failure):
                    continue
                try:
                    answers.append(analyze(by_name[name], tile, method=method, label=label))
                except ZooError as error:
                    found[number] = Failure(message=error.message, hint=error.hint, model=name)
        return found


def seconds_on_gpu(tiles: Sequence[Image.Image], names: Sequence[str], _method: str | None, _label: str | None) -> int:
    """Return how many seconds a job may take on ZeroGPU, from the arguments of the job."""
    further = SECONDS_PER_ANSWER * (len(tiles) - 1)
    return STARTING_SECONDS + ceil(len(names) * (SECONDS_PER_MODEL + further))
