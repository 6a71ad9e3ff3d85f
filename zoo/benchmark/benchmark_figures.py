"""The figures of a benchmark: quality by cost, and the tested differences."""

from __future__ import annotations

from dataclasses import replace

from zoo.benchmark.benchmark_results import BenchmarkResults, ModelFacts
from zoo.comparison import ModelResult
from zoo.metrics.metrics_file import MAIN
from zoo.reports.charts import Chart
from zoo.reports.comparison_charts import difference_chart, quality_and_cost

QUALITY, DIFFERENCES = "quality.svg", "differences.svg"


def benchmark_figures(results: BenchmarkResults) -> dict[str, Chart]:
    """Return the figures by the name of the file; those for which there are too few runs are missing."""
    alone = {part.name for part in results.parts if part.against is None}
    models = [_as_result(one) for one in results.models if one.part in alone and MAIN in one.measures]
    figures = {}
    if len(models) > 1 and (charts := quality_and_cost(models)):
        figures[QUALITY] = replace(charts[0], title="Quality and cost; the models are numbered as in the table")
    if tested := {pair.name: found for pair in results.pairs if (found := pair.differences.get(MAIN))}:
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
