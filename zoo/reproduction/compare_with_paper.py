"""The verdict on each number of the paper: it agrees, it differs, or it cannot be compared and why.

A number of the paper agrees if it lies in the interval of the measured one. How uncertain the paper's number is itself
is not known, since papers state single numbers, so "differs" does not say that the paper is wrong. With one run the
interval is that over the test patients. With several it is the range in which 95 % of single runs are expected, since
the paper's number comes from a single run too: mean ± t * s * sqrt(1 + 1/n). The interval of the mean would become
narrower with every run, until no number of a single run agreed. Runs with the same value, as on few test images, do not
show how single runs vary, and there is no range.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from zoo.bundle.provenance import InitialWeights
from zoo.config.reproduction_config import ReproductionConfig
from zoo.metrics.across_runs import SAME
from zoo.metrics.registered_measures import measure_bounds
from zoo.metrics.result import LEVEL, Interval
from zoo.metrics.student_t import student_t
from zoo.registry import registry
from zoo.reproduction.measured import Measured
from zoo.reproduction.results import SECONDS, SMOKE_RUN, IntervalOf, PaperCell, Verdict
from zoo.reproduction.study import Study
from zoo.runs.finished_run import FinishedRun
from zoo.text import counted


def cells_of(measured: Measured, study: Study, config: ReproductionConfig) -> list[PaperCell]:
    """Return a cell for each number that the paper states for this row and these columns."""
    row = study.table.row(measured.model)
    return [
        _cell(measured, column, measure, value, study, config)
        for column in measured.data.columns
        for measure, value in row.claims.get(column, {}).items()
    ]


def _cell(
    measured: Measured, column: str, measure: str, paper: float, study: Study, config: ReproductionConfig
) -> PaperCell:
    values = [value for run in measured.runs if (value := _value(run, measure)) is not None]
    ours = math.fsum(values) / len(values) if values else None
    interval, of, why_none = _interval(measured, measure, values)
    reasons = [] if ours is None else _reasons(measured, column, measure, study, config)
    if ours is not None and interval is None and measure != SECONDS:
        reasons.append(why_none)
    verdict: Verdict
    if ours is None:
        verdict, reasons = _missing(measured, measure)
    elif reasons or interval is None:
        verdict = "not comparable"
    else:
        verdict = "agrees" if interval[0] <= paper <= interval[1] else "differs"
    return PaperCell(
        model=measured.model,
        column=column,
        split=measured.split,
        measure=measure,
        paper=paper,
        ours=ours,
        interval=interval,
        interval_of=of if interval else None,
        difference=None if ours is None else ours - paper,
        runs=len(measured.runs),
        verdict=verdict,
        reasons=tuple(reasons),
    )


def _value(run: FinishedRun, measure: str) -> float | None:
    """Return what a run measured of a paper's measure; None if it is undefined or unknown."""
    return run.seconds_to_best if measure == SECONDS else run.value(measure)


def _interval(
    measured: Measured, measure: str, values: Sequence[float]
) -> tuple[Interval | None, IntervalOf | None, str]:
    """Return the interval of the measured value, what it is computed from, and why there is none."""
    if measure == SECONDS:
        return None, None, ""
    if len(values) == 1:
        (one,) = [run.metrics.measures for run in measured.runs if _value(run, measure) is not None]
        return one.intervals.get(measure), one.unit, one.reasons.get(measure, "there is no interval")
    if len(values) > 1 and max(values) - min(values) <= SAME:
        return None, None, "the same in every run, which does not show how single runs vary"
    if len(values) > 1:
        return range_of_runs(values, bounds=measure_bounds(measure)), "runs", ""
    return None, None, ""


def range_of_runs(values: Sequence[float], *, bounds: Interval) -> Interval:
    """Return the range in which 95 % of single runs are expected (a prediction interval by Student's t).

    Args:
        values: The measure in two or more runs.
        bounds: The smallest and the largest possible value of the measure.
    """
    runs = len(values)
    mean = math.fsum(values) / runs
    deviation = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (runs - 1))
    reach = student_t(runs - 1, LEVEL) * deviation * math.sqrt(1 + 1 / runs)
    return max(mean - reach, bounds[0]), min(mean + reach, bounds[1])


def _missing(measured: Measured, measure: str) -> tuple[Verdict, list[str]]:
    """Return the verdict on a number beside which there is no measured one, and the reasons."""
    if measured.runs:
        reason = measured.runs[0].metrics.measures.reasons.get(measure, "undefined in every run")
        return "not comparable", [reason]
    errors = [text.splitlines()[0] for text in measured.errors.values() if text]
    return ("failed", errors) if errors else ("not finished", ["its runs are not finished"])


def _reasons(measured: Measured, column: str, measure: str, study: Study, config: ReproductionConfig) -> list[str]:
    """Return why a measured number cannot be compared with the paper's; empty if it can."""
    table = study.table
    reasons = [SMOKE_RUN] if config.budget == "smoke" else []
    reasons += _other_data(measured, column, study)
    if measured.split != table.paper.split:
        reasons.append(f"split by {measured.split}, in the paper by {table.paper.split}")
    if measure == SECONDS:
        reasons.append("seconds depend on the computer")
    elif measure in table.paper.not_comparable:
        reasons.append("defined differently in the paper")
    if measure == "loss" and any(run.metrics.temperature != 1 for run in measured.runs):
        reasons.append("loss of calibrated probabilities")
    expected = table.paper.pretrained and config.budget == "full"
    if expected and any(_lost_pretraining(measured.model, run.record.initial_weights) for run in measured.runs):
        reasons.append("trained from scratch, without pretrained weights")
    return reasons


def _other_data(measured: Measured, column: str, study: Study) -> list[str]:
    """Return how the data differ from the paper's."""
    reported, metrics = study.table.columns[column], measured.runs[0].metrics
    reasons = ["synthetic images"] if metrics.data.synthetic else []
    if study.source.name != reported.source:
        return reasons or [f"other data: {metrics.data.name}"]
    images = sum(measured.runs[0].record.data.images.values())
    if reported.images is not None and images != reported.images:
        reasons.append(f"{images:,} of {counted(reported.images, 'image')}")
    return reasons


def _lost_pretraining(model: str, initial: InitialWeights | None) -> bool:
    """Whether a model that has pretrained weights was trained from scratch."""
    has = bool(registry().model(model).architecture.pretrained)
    return has and (initial is None or initial.used == "scratch")
