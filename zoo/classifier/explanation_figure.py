"""Heat maps of several images and models in one labeled figure."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from zoo.classifier.explanation import Explanation
from zoo.explain import RAMP, explanation_methods
from zoo.files import atomic_file

if TYPE_CHECKING:
    from PIL.Image import Image

    from zoo.classifier.explanation_check import ExplanationCheck

CELL = 2.4
"""The width of an image in inches."""
DPI = 200
LONGEST_NAME = 28


def draw_explanations(
    rows: Sequence[Sequence[Explanation]],
    path: Path,
    *,
    images: Sequence[str],
    models: Sequence[str],
    checks: Sequence[Sequence[ExplanationCheck]] | None = None,
) -> None:
    """Draw a figure with a row for each image: the image itself, and a heat map of each model.

    Args:
        rows: The explanations of each image, one for each model.
        path: The file to write; its suffix, .png or .svg, is the format.
        images: The name of each image.
        models: The name of each model.
        checks: The checks of the maps, whose scores are written above them.
    """
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.figure import Figure

    heights = [row[0].image.height / row[0].image.width for row in rows]
    columns = len(models) + 1
    size = (CELL * columns + 0.6, CELL * sum(heights) + (0.45 if checks is None else 0.55) * len(rows) + 0.3)
    style: Any = {"svg.fonttype": "none", "svg.hashsalt": "histozoo", "font.size": 8, "text.parse_math": False}
    with rc_context(style):  # without formulas: names may have dollar signs
        figure = Figure(figsize=size, dpi=DPI, facecolor="white", layout="constrained")
        FigureCanvasAgg(figure)
        panels = figure.subplots(len(rows), columns, squeeze=False, height_ratios=heights)
        for number, (row, name, line) in enumerate(zip(rows, images, panels, strict=True)):
            _show(line[0], row[0].image, title=_shortened(name))
            for column, (explanation, model, panel) in enumerate(zip(row, models, line[1:], strict=True)):
                confidence = explanation.prediction.probabilities[explanation.label]
                scores = "" if checks is None else f"\n{_scores(checks[number][column])}"
                unlike = f"\n{explanation.prediction.answer}" if explanation.prediction.unlike_training else ""
                title = f"{_shortened(model)}\n{_shortened(explanation.label)} {confidence:.2f}{unlike}{scores}"
                _show(panel, explanation.overlay(), title=title)
        ramp = LinearSegmentedColormap.from_list("heat", RAMP / 255)
        bar = figure.colorbar(ScalarMappable(cmap=ramp), ax=list(panels.flat), fraction=0.02, pad=0.01, aspect=30)
        bar.set_label(f"{explanation_methods()[rows[0][0].method].title}, for the class above each map")
        bar.set_ticks([0, 1], labels=["low (clear)", "high"])
        with atomic_file(path) as part:
            figure.savefig(part, format=path.suffix.lower().lstrip("."), metadata=_no_date(path))


def save_heat_map(explanation: Explanation, path: Path) -> None:
    """Write the values of a heat map, height x width of the image, as a NumPy file."""
    with atomic_file(path) as part, part.open("wb") as file:
        np.save(file, explanation.heat)


def _show(panel: object, image: Image, *, title: str) -> None:
    """Draw an image without axes."""
    panel.imshow(np.asarray(image), interpolation="nearest")  # type: ignore[attr-defined]
    panel.set_title(title, fontsize=7 if title.count("\n") < 2 else 5.5, pad=3)  # type: ignore[attr-defined]
    panel.set_axis_off()  # type: ignore[attr-defined]


def _scores(check: ExplanationCheck) -> str:
    """Return the scores of a map for its title."""
    correlation = "none" if check.rank_correlation is None else f"{check.rank_correlation:.2f}"
    return (
        f"deletion {check.scores.deletion:.2f} (random {check.random_deletion:.2f}), "
        f"insertion {check.scores.insertion:.2f} ({check.random_insertion:.2f})\n"
        f"correlation with random weights {correlation}"
    )


def _shortened(name: str) -> str:
    """Return a name on one line, and only the end of one that is too long for a column."""
    text = " ".join(name.split())
    return text if len(text) <= LONGEST_NAME else f"…{text[-LONGEST_NAME + 1 :]}"


def _no_date(path: Path) -> dict[str, None]:
    """Return metadata without the date, so that the same figure has the same bytes."""
    return {"Date": None} if path.suffix.lower() == ".svg" else {"Software": None}
