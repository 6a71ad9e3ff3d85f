"""Charts as SVG that follow the colors of the page, light or dark, and can be told apart without color."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from zoo.reports.roc import Curve, Reliability
from zoo.text import counted

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, FAINT = "#010203", "#040506"
"""Replaced by the page's own colors for text and for lines that should not stand out."""
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
"""Colors that color-blind people can tell apart (Okabe and Ito 2008)."""
STYLES = ("-", "--", ":", "-.", (0, (5, 1)), (0, (1, 1)))
MAX_CURVES = len(COLORS)
FEW = 4
"""With more lines, their names stand below the chart, not in it."""


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A chart for a page: an SVG element, and its description."""

    title: str
    svg: str
    description: str

    @property
    def file(self) -> str:
        """The chart as the contents of an SVG file, whose lines are light on a dark screen and dark on a light one."""
        style = (
            "<style>svg{color:#24292f;--faint:#8c959f}"
            "@media(prefers-color-scheme:dark){svg{color:#e6edf3;--faint:#6e7681}}</style>"
        )
        spaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
        head, _, rest = self.svg.partition(">")
        return f"{head.replace('<svg', f'<svg {spaces}', 1)}>{style}{rest}"


def curve_chart(title: str, curves: Sequence[Curve], *, x: str, y: str, diagonal: bool) -> Chart:
    """Return ROC or precision-recall curves with their bands."""
    with chart_panel() as (figure, panel):
        if diagonal:
            panel.plot([0, 1], [0, 1], color=FAINT, linewidth=1, linestyle=(0, (2, 3)))
        for curve, color, style in zip(curves, COLORS, STYLES, strict=False):
            panel.fill_between(curve.x, curve.low, curve.high, color=color, alpha=0.18, linewidth=0)
            panel.plot(curve.x, curve.y, color=color, linestyle=style, linewidth=2, label=curve.name)
        panel.set_xlabel(x)
        panel.set_ylabel(y)
        panel.set_xlim(-0.01, 1.01)
        panel.set_ylim(-0.01, 1.01)
        panel.set_aspect("equal")
        if len(curves) > 1:
            _legend(panel)
        svg = svg_of(figure)
    points = "; ".join(f"{curve.name}: {_in_words(curve)}" for curve in curves[:MAX_CURVES])
    return Chart(title=title, svg=svg, description=f"{y} at {x}: {points}")


def _in_words(curve: Curve) -> str:
    """Return some points of a curve as text."""
    return ", ".join(f"{at:.1f} → {np.interp(at, curve.x, curve.y):.2f}" for at in (0.1, 0.2, 0.5, 0.9))


def reliability_chart(reliability: Reliability) -> Chart:
    """Return how often the model is right, by how sure it is."""
    with chart_panel() as (figure, panel):
        panel.plot([0, 1], [0, 1], color=FAINT, linewidth=1, linestyle=(0, (2, 3)))
        panel.errorbar(
            reliability.confidence,
            reliability.accuracy,
            yerr=np.abs(np.array([reliability.low, reliability.high]) - np.array(reliability.accuracy)),
            fmt="o-",
            color=COLORS[0],
            linewidth=1.5,
            markersize=5,
            capsize=3,
        )
        panel.set_xlabel("probability of the most probable class")
        panel.set_ylabel("share that is right")
        panel.set_xlim(-0.01, 1.01)
        panel.set_ylim(-0.01, 1.01)
        panel.set_aspect("equal")
        svg = svg_of(figure)
    points = ", ".join(
        f"{confidence:.2f} → {accuracy:.2f} ({counted(images, 'image')})"
        for confidence, accuracy, images in zip(
            reliability.confidence, reliability.accuracy, reliability.images, strict=True
        )
    )
    return Chart(
        title="Reliability",
        svg=svg,
        description=f"share that is right by the probability of the most probable class: {points}",
    )


def history_chart(
    epochs: Sequence[int],
    lines: Mapping[str, Sequence[float | None]],
    *,
    y: str,
    bands: Mapping[str, tuple[Sequence[float | None], Sequence[float | None]]] = MappingProxyType({}),
) -> Chart:
    """Return values by epoch, a line for each name; a missing value is a gap.

    Args:
        epochs: The numbers of the epochs.
        lines: The values of each line.
        y: What the values are.
        bands: The lower and the upper edge of the band around some of the lines.
    """
    from matplotlib.ticker import MaxNLocator

    with chart_panel(width=5.2, height=3.0 + 0.2 * (len(lines) // 3 if len(lines) > FEW else 0)) as (figure, panel):
        for number, (name, values) in enumerate(lines.items()):
            color, style = line_look(number)
            marker = "o" if len(epochs) <= 30 else ""
            if name in bands:
                low, high = map(_numbers, bands[name])
                panel.fill_between(epochs, low, high, color=color, alpha=0.18, linewidth=0)
            panel.plot(epochs, _numbers(values), color=color, linestyle=style, label=name, marker=marker, markersize=3)
        panel.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        panel.set_xlabel("epoch")
        panel.set_ylabel(y)
        if len(lines) > FEW:
            figure.legend(frameon=False, fontsize=9, loc="outside lower center", ncols=3)
        elif len(lines) > 1:
            _legend(panel)
        svg = svg_of(figure)
    ends = "; ".join(
        f"{name}: {known[0]:.3f} at first, {known[-1]:.3f} at last"
        for name, values in lines.items()
        if (known := [value for value in values if value is not None])
    )
    return Chart(title=f"{y} by epoch".capitalize(), svg=svg, description=ends)


def _numbers(values: Sequence[float | None]) -> list[float]:
    """Return values with NaN in the place of a missing one."""
    return [np.nan if value is None else value for value in values]


def line_look(number: int) -> tuple[str, Any]:
    """Return the color and the style of a line, by its number: no two of 36 lines have both in common."""
    place, turn = number % len(COLORS), number // len(COLORS)
    return COLORS[place], STYLES[(place + turn) % len(STYLES)]


@contextmanager
def chart_panel(width: float = 3.8, height: float = 3.8) -> Iterator[tuple[Figure, Axes]]:
    """Yield a figure with one panel, in the style of the page."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    style: Any = {
        "svg.fonttype": "none",
        "svg.hashsalt": "histozoo",
        "text.parse_math": False,  # names may have dollar signs
        "font.family": "sans-serif",
        "font.size": 10,
        "text.color": INK,
        "axes.labelcolor": INK,
        "axes.edgecolor": FAINT,
        "xtick.color": INK,
        "ytick.color": INK,
        "axes.spines.top": False,
        "axes.spines.right": False,
    }
    with rc_context(style), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph")  # the reader's font has the letters that matplotlib's has not
        figure = Figure(figsize=(width, height), layout="constrained", facecolor="none")
        FigureCanvasSVG(figure)
        panel = figure.add_subplot(facecolor="none")
        yield figure, panel


def _legend(panel: Axes) -> None:
    """Draw the names of the lines."""
    panel.legend(frameon=False, fontsize=9, loc="best")


def svg_of(figure: Figure) -> str:
    """Return a figure as an SVG element that can stand in a page beside others."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = text.replace(INK, "currentColor").replace(FAINT, "var(--faint)")
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    return re.sub(
        r'<svg [^>]*?viewBox="([^"]*)"[^>]*>', r'<svg viewBox="\1" aria-hidden="true" focusable="false">', text, count=1
    )
