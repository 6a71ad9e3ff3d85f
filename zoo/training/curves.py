"""Training curves as a picture: losses, accuracies and learning rate by epoch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.files import atomic_file
from zoo.runs.history import Epoch, kept_epoch

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH, DPI = 12.0, 100
"""The width in inches and the dots per inch: 1200 pixels."""
TRAINING, VALIDATION, BALANCED, RATE, INK = "#0072B2", "#D55E00", "#009E73", "#595959", "#333333"
"""Colors that color-blind people can tell apart (Okabe and Ito 2008); line styles differ too, for black and white."""
MOST_MARKERS = 30
"""Up to this many epochs, each has a point: a single value between missing ones would not show otherwise."""


def draw_curves(rows: Sequence[Epoch], path: Path) -> None:
    """Draw losses, accuracies if there is a validation part, and the learning rate, by epoch, as a PNG file."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    validated = any(row.val_accuracy is not None for row in rows)
    heights = [3.0, 3.0, 1.4] if validated else [3.0, 1.4]
    figure = Figure(figsize=(WIDTH, sum(heights) + 1.2), dpi=DPI, facecolor="white")
    figure.set_layout_engine("constrained", w_pad=0.15, h_pad=0.1)
    canvas = FigureCanvasAgg(figure)
    panels = figure.subplots(len(heights), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
    _draw(panels[0], rows, {"train_loss": ("training", TRAINING, "-"), "val_loss": ("validation", VALIDATION, "--")})
    panels[0].set_ylabel("loss", size=14)
    if validated:
        accuracies = {
            "val_balanced_accuracy": ("balanced accuracy, validation", BALANCED, "-"),
            "val_accuracy": ("accuracy, validation", VALIDATION, "--"),
        }
        _draw(panels[1], rows, accuracies)
        panels[1].set_ylabel("accuracy", size=14)
        panels[1].set_ylim(top=min(panels[1].get_ylim()[1], 1.02))
    _draw(panels[-1], rows, {"lr": ("", RATE, "-")})
    panels[-1].set_ylabel("learning rate", size=14)
    panels[-1].ticklabel_format(axis="y", style="sci", scilimits=(-2, 3), useMathText=True)
    panels[-1].set_xlabel("epoch", size=14)
    panels[-1].xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1, steps=[1, 2, 5, 10]))
    panels[-1].set_xlim(rows[0].epoch - _margin(rows), rows[-1].epoch + _margin(rows))
    figure.align_ylabels()
    kept = kept_epoch(rows)
    for panel in panels:
        panel.axvline(kept.epoch, color=INK, linewidth=1, linestyle=":", zorder=1)
    panels[0].set_title(_title(kept), size=15, color=INK, loc="left", pad=10)
    with atomic_file(path) as part:
        canvas.print_figure(part, format="png", facecolor="white", metadata={"Software": None})


def _draw(panel: Axes, rows: Sequence[Epoch], lines: dict[str, tuple[str, str, str]]) -> None:
    """Draw a line for each field that has any value, with a large point at the epoch whose weights are kept."""
    kept = kept_epoch(rows)
    for field, (label, color, style) in lines.items():
        values = [getattr(row, field) for row in rows]
        if all(value is None for value in values):
            continue
        numbers = [float("nan") if value is None else value for value in values]
        marker = "o" if len(rows) <= MOST_MARKERS else ""
        epochs = [row.epoch for row in rows]
        panel.plot(epochs, numbers, style, color=color, label=label, linewidth=2, marker=marker, markersize=4)
        if (value := getattr(kept, field)) is not None:
            panel.plot([kept.epoch], [value], "o", color=color, markersize=9, markeredgecolor="white", zorder=3)
    if len([line for line in lines.values() if line[0]]) > 1:
        panel.legend(frameon=False, fontsize=13, loc="best")
    panel.grid(axis="y", color="#DDDDDD", linewidth=0.8)
    panel.set_axisbelow(True)
    panel.tick_params(labelsize=12, color="#AAAAAA")
    for side in ("top", "right"):
        panel.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        panel.spines[side].set_color("#AAAAAA")


def _margin(rows: Sequence[Epoch]) -> float:
    """Return how far the horizontal axis reaches beyond the first and the last epoch."""
    return max(0.5 if len(rows) == 1 else 0.15, 0.015 * len(rows))


def _title(kept: Epoch) -> str:
    """Return the title: the epoch whose weights are kept, with its loss and accuracy."""
    name = f"best epoch: {kept.epoch}" if kept.best else f"epoch kept: {kept.epoch}, the last"
    if kept.val_loss is None or kept.val_balanced_accuracy is None:
        return f"{name}   (training loss {kept.train_loss:.3f})"
    return f"{name}   (validation loss {kept.val_loss:.3f}, balanced accuracy {kept.val_balanced_accuracy:.3f})"
