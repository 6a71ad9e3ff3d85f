"""The charts of a comparison: the differences from the best model, and quality against cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from zoo.comparison import Comparison, ModelResult
from zoo.metrics.metrics_file import MAIN
from zoo.metrics.names import measure_name
from zoo.metrics.number_text import with_interval
from zoo.metrics.paired import Difference
from zoo.metrics.result import Interval
from zoo.reports.charts import COLORS, FAINT, INK, Chart, chart_panel, svg_of
from zoo.text import shortened

LONGEST_NAME = 34
"""How many letters of a model's name are written in a chart."""
WIDE = 8
"""If the largest cost is more than this many times the smallest, the scale is logarithmic."""
MOST_NUMBERED = 15
"""With more models, points have no numbers."""


def comparison_charts(comparison: Comparison) -> list[Chart]:
    """Return the forest plot, and quality against cost if the cost of two models or more is known."""
    best = comparison.models[0].name
    rows = {f"{row}  {pair.second}": pair.differences[MAIN] for row, pair in enumerate(comparison.with_best, 2)}
    chart = difference_chart(f"Differences from {best}", rows)
    return [replace(chart, description=f"{best} minus {chart.description}"), *quality_and_cost(comparison.models)]


def difference_chart(title: str, differences: Mapping[str, Difference]) -> Chart:
    """Return a forest plot of differences in the main measure with their intervals.

    Args:
        title: The title.
        differences: The differences by the name that stands beside each.
    """
    rows = {name: (one.value, one.interval) for name, one in differences.items()}
    chart = interval_chart(title, rows, x=f"difference in {measure_name(MAIN)}", zero=True)
    words = "; ".join(
        f"{name}: {with_interval(one.value, one.interval)}{'' if one.interval else f', {one.reason}'}"
        for name, one in differences.items()
    )
    return replace(chart, description=words)


def interval_chart(
    title: str,
    rows: Mapping[str, tuple[float, Interval | None]],
    *,
    x: str,
    zero: bool = False,
    beside: Mapping[str, float] = MappingProxyType({}),
) -> Chart:
    """Return a forest plot: a value with its interval in each row.

    Args:
        title: The title.
        rows: The values by the name that stands beside each.
        x: What the values are.
        zero: Draw a line at 0.
        beside: Other values of some rows, which are drawn as crosses.
    """
    with chart_panel(width=5.6, height=1.1 + 0.34 * len(rows)) as (figure, axes):
        if zero:
            axes.axvline(0, color=FAINT, linewidth=1)
        for row, (name, (value, interval)) in enumerate(rows.items()):
            if interval:
                axes.plot(interval, [row, row], color=COLORS[0], linewidth=1.5, marker="|", markersize=8)
            axes.plot([value], [row], color=COLORS[0], marker="o", markersize=6, linestyle="")
            if name in beside:
                axes.plot([beside[name]], [row], color=COLORS[1], marker="x", markersize=7, linestyle="")
        axes.set_yticks(range(len(rows)), [shortened(name, LONGEST_NAME) for name in rows])
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.set_xlabel(x)
        svg = svg_of(figure)
    words = "; ".join(
        f"{name}: {with_interval(value, interval)}" + (f", beside it {beside[name]:.3f}" if name in beside else "")
        for name, (value, interval) in rows.items()
    )
    return Chart(title=title, svg=svg, description=words)


def quality_and_cost(models: Sequence[ModelResult], *, numbers: Sequence[int] = ()) -> list[Chart]:
    """Return the main measure by the multiply-adds, or by the parameters where the cost was not measured.

    Args:
        models: The models.
        numbers: The number that stands beside each point; by default from 1 on.
    """
    measured = all(model.cost for model in models)
    points = [
        (number, model, model.cost.multiply_adds / 1e6 if measured and model.cost else (model.parameters or 0) / 1e6)
        for number, model in zip(numbers or range(1, len(models) + 1), models, strict=True)
        if model.values[MAIN] is not None
    ]
    points = [point for point in points if point[2] > 0]
    if len(points) < 2:
        return []
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    what = "multiply-adds for an image, millions" if measured else "parameters, millions"
    with chart_panel(width=4.6, height=3.6) as (figure, axes):
        for number, model, cost in points:
            value, interval, spread = model.values[MAIN] or 0.0, model.intervals.get(MAIN), model.deviations.get(MAIN)
            band = interval or ((value - spread, value + spread) if spread is not None else None)
            if band:
                axes.plot([cost, cost], band, color=FAINT, linewidth=1)
            axes.plot([cost], [value], color=COLORS[0], marker="o", markersize=6, linestyle="")
            if len(points) <= MOST_NUMBERED:
                axes.annotate(str(number), (cost, value), (6, 4), textcoords="offset points", color=INK)
        costs = [cost for _, _, cost in points]
        if max(costs) / min(costs) > WIDE:
            axes.set_xscale("log")
            axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
            axes.xaxis.set_minor_locator(NullLocator())
        else:
            axes.set_xlim(0, 1.12 * max(costs))
        axes.margins(x=0.12)
        axes.set_xlabel(what)
        axes.set_ylabel(measure_name(MAIN))
        svg = svg_of(figure)
    words = "; ".join(f"{model.name}: {cost:,.3g}, {model.values[MAIN]:.3f}" for _, model, cost in points)
    return [Chart(title="Quality and cost", svg=svg, description=f"{measure_name(MAIN)} by {what}: {words}")]
