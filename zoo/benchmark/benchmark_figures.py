"""The figures of a benchmark: each network beside the simple model, quality by cost, and the tested differences."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from zoo.benchmark.benchmark_results import BenchmarkResults, ModelFacts
from zoo.comparison import ModelResult
from zoo.metrics.metrics_file import MAIN
from zoo.metrics.names import measure_name
from zoo.reports.charts import Chart
from zoo.reports.comparison_charts import difference_chart, interval_chart, quality_and_cost

MODELS, QUALITY, DIFFERENCES = "models.svg", "quality.svg", "differences.svg"


def benchmark_figures(results: BenchmarkResults) -> dict[str, Chart]:
    """Return the figures by the name of the file; those for which there are too few runs are missing."""
    figures = {}
    shown = {f"{one.model}, {one.part}": one for one in results.models if MAIN in one.measures}
    if shown:
        figures[MODELS] = interval_chart(
            "Each network with its 95 % interval, and the logistic regression beside it as a cross",
            {name: (one.measures[MAIN].mean, one.measures[MAIN].interval) for name, one in shown.items()},
            x=measure_name(MAIN),
            beside={name: one.beside_baseline.second for name, one in shown.items() if one.beside_baseline},
        )
    alone = {part.name for part in results.parts if part.against is None}
    models = {
        number: _as_result(one)
        for number, one in enumerate(results.models, 1)
        if one.part in alone and MAIN in one.measures
    }
    if len(models) > 1 and (charts := quality_and_cost([*models.values()], numbers=[*models])):
        figures[QUALITY] = replace(charts[0], title="Quality and cost; the models are numbered as in the table")
    times = Counter(pair.name for pair in results.pairs)
    tested = {
        pair.name if times[pair.name] == 1 else f"{pair.name}, {pair.part}": found
        for pair in results.pairs
        if (found := pair.differences.get(MAIN))
    }
    if tested:
        figures[DIFFERENCES] = difference_chart("Differences with 95 % intervals", tested)
    return figures


def _as_result(one: ModelFacts) -> ModelResult:
    """Return a model as the charts of a comparison take it, with the interval over all its runs."""
    measure = one.measures[MAIN]
    return ModelResult(
        name=one.model,
        runs=(),
        parameters=one.parameters,
        values={MAIN: measure.mean},
        deviations={},
        intervals={MAIN: measure.interval} if measure.interval else {},
        cost=one.extras.cost,
    )
