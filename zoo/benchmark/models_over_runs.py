"""What is known of a model in one part: its measures over the runs, the simple model beside it, and its calibration."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum

from zoo.benchmark.benchmark_results import SHOWN, Extras, ModelFacts, OverRuns
from zoo.comparison.beside_baseline import beside_baseline
from zoo.comparison.measured_run import stored_predictions
from zoo.metrics.across_runs import interval_over_units_and_runs, summarize_runs
from zoo.metrics.metrics_file import MAIN
from zoo.metrics.registered_measures import measure_bounds
from zoo.runs.finished_run import FinishedRun
from zoo.runs.run_record import held_out_share


def model_facts(part: str, model: str, runs: Sequence[FinishedRun], extras: Extras) -> ModelFacts:
    """Return the facts of a model over its finished runs in a part.

    Args:
        part: The name of the part.
        model: The name of the model.
        runs: Its runs, at least one.
        extras: What was measured after training.
    """
    calibrations = [one for run in runs if (one := run.metrics.calibration)]
    one_device = len({run.record.resolved.device for run in runs}) == 1  # a mean over several says nothing
    outcomes = [outcome for run in runs if one_device and (outcome := run.record.outcome)]
    initial = runs[0].record.initial_weights
    return ModelFacts(
        part=part,
        model=model,
        runs=len(runs),
        parameters=runs[0].parameters,
        initial_weights=initial.used if initial else "scratch",
        seconds=_mean([one.seconds for one in outcomes]),
        images_per_second=_mean([one.images_per_second for one in outcomes]),
        peak_memory_bytes=max((one.peak_memory_bytes or 0 for one in outcomes), default=0) or None,
        measures={name: found for name in SHOWN if (found := _measure(name, runs))},
        beside_baseline=beside_baseline([stored_predictions(run.run) for run in runs]).get(MAIN),
        error_before=_mean([one.error_before for one in calibrations]),
        error=_mean([one.error for one in calibrations]),
        extras=extras,
        one_class=sum(run.metrics.measures.one_class is not None for run in runs) or None,
    )


def _measure(name: str, runs: Sequence[FinishedRun]) -> OverRuns | None:
    """Return a measure over the runs; None if it is undefined in one."""
    values = [value for run in runs if (value := run.value(name)) is not None]
    if len(values) < len(runs):
        return None
    held_out, bounds = held_out_share([run.record for run in runs]), measure_bounds(name)
    found = summarize_runs(values, held_out=held_out, bounds=bounds)
    over_units = [run.metrics.measures.intervals.get(name) for run in runs]
    return OverRuns(
        mean=found.mean,
        deviation=found.deviation,
        interval=found.interval if held_out else interval_over_units_and_runs(values, over_units, bounds=bounds),
    )


def _mean(values: Sequence[float]) -> float | None:
    return fsum(values) / len(values) if values else None
