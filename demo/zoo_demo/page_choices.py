"""What the visitor chose beside the tile, and the link that holds it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlencode

from zoo.explain import explanation_methods
from zoo_demo.prediction_set import COVERAGES

PREDICTED_CLASS = "what each model predicts"
"""The choice of the class that a heat map explains, beside the names of all classes."""
NO_SETS = "none"
"""The choice of the coverage, beside the numbers."""


@dataclass(frozen=True, kw_only=True)
class Choices:
    """The models, the heat maps and the prediction sets that the visitor wants to see."""

    models: tuple[str, ...]
    method: str = "grad-cam"
    label: str | None = None
    """The class that heat maps explain; None for the one that each model predicts."""
    coverage: float | None = None
    """That of the prediction sets; None for none."""
    example: int | None = None
    """The number of the example tile; None for another tile, which a link cannot hold."""

    def link(self) -> str:
        """Return the address of the page with these choices, relative to the page."""
        words = {"models": ",".join(quote(name, safe="/") for name in self.models), "method": self.method}
        if self.label is not None:
            words["class"] = self.label
        if self.coverage is not None:
            words["coverage"] = f"{self.coverage:g}"
        if self.example is not None:
            words["example"] = str(self.example)
        return f"?{urlencode(words, safe=',/')}"


def choices_of_link(
    words: Mapping[str, str], *, models: Sequence[str], classes: Sequence[str], examples: int
) -> Choices:
    """Return the choices in a link. What does not exist on this page is left out, since anyone can write a link.

    Args:
        words: The names and values of the link.
        models: The names of the page's models; all are chosen if the link names none of them.
        classes: The names of their classes.
        examples: The number of example tiles.
    """
    named = {unquote(name) for name in words.get("models", "").split(",")}
    coverages = {f"{coverage:g}": coverage for coverage in COVERAGES}
    method = words.get("method", "")
    example = words.get("example", "")
    return Choices(
        models=tuple(name for name in models if name in named) or tuple(models),
        method=method if method in explanation_methods() else "grad-cam",
        label=words["class"] if words.get("class") in classes else None,
        coverage=coverages.get(words.get("coverage", "")),
        example=int(example) if example in {str(number) for number in range(examples)} else None,
    )
