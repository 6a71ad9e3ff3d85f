"""The report of one evaluation: the answer in a sentence, tables, curves, mistakes, and what was not done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from zoo.bundle.bundle_metrics import is_leaked
from zoo.bundle.provenance import Provenance
from zoo.data.split.split import PARTS
from zoo.evaluation.evaluation import Evaluation
from zoo.metrics.breakdown import Breakdown, shown
from zoo.metrics.metrics_file import MAIN, SYNTHETIC_NUMBERS, BaselineResult, Metrics
from zoo.metrics.names import headlines, headlines_of_plugins, measure_name
from zoo.metrics.number_text import NONE, decimal, interval_text, whole, with_interval
from zoo.metrics.patient_answers import PatientAnswers
from zoo.metrics.result import Result
from zoo.reports.evaluation_charts import evaluation_charts, training_charts
from zoo.reports.mistakes import Mistake
from zoo.reports.report import Report, render
from zoo.runs.history import Epoch
from zoo.text import listed, sentence
from zoo.version import __version__

COMPARED = ("balanced_accuracy", "auroc", "accuracy", "loss")
"""The measures in the table of the network and the simple model."""
OF_PARTS = ("balanced_accuracy", "accuracy", "auroc")
"""The measures of parts of the images."""


def evaluation_report(
    evaluation: Evaluation,
    *,
    model: str,
    training: Provenance | None,
    history: Sequence[Epoch] = (),
    mistakes: Sequence[Mistake] = (),
    date: str,
) -> Report:
    """Return the report of an evaluation.

    Args:
        evaluation: The evaluation.
        model: The name of the model.
        training: How it was trained; None if that is not known.
        history: The epochs of its training.
        mistakes: Its most confident mistakes.
        date: The day of the report, as text.
    """
    metrics = evaluation.metrics
    values = {
        "title": f"{model} on {metrics.data.name}",
        "model": model,
        "date": date,
        "version": __version__,
        "data": metrics.data.name,
        "synthetic": metrics.data.synthetic,
        "question": _question(model, metrics, training),
        "answer": _answer(model, metrics),
        "warnings": _warnings(metrics, training),
        "tested": _tested(metrics),
        "measures": _measures(metrics.measures),
        "patients": _patients(metrics.patients),
        "breakdowns": [_breakdown(one) for one in metrics.breakdowns or ()],
        "level": f"{metrics.measures.level:.0%}",
        "unit": metrics.measures.unit,
        "positive": metrics.measures.positive,
        "per_class": _per_class(metrics.measures),
        "confusion": _confusion(metrics.measures),
        "notes": list(metrics.measures.notes),
        "stress": metrics.stress,
        "stress_sentence": sentence(str(metrics.stress)) if metrics.stress else "",
        "baseline": sentence(str(metrics.baseline)) if metrics.baseline else "",
        "answers": _answers(metrics),
        "baseline_rows": _baseline(metrics.baseline) if metrics.baseline else [],
        "charts": evaluation_charts(evaluation),
        "training_charts": training_charts(history),
        "training": _training(training),
        "mistakes": mistakes,
        "wrong": int(np.sum(metrics.measures.confusion) - np.trace(np.array(metrics.measures.confusion))),
        "not_done": _not_done(metrics, training),
    }
    return render("evaluation", values)


def _question(model: str, metrics: Metrics, training: Provenance | None) -> str:
    """Return the question that the evaluation answers: that of unseen images only if they are known to be unseen."""
    possibly = metrics.seen is not None and not metrics.seen.known
    unseen = "" if possibly or is_leaked(metrics, training) else " on images that it has not seen"
    return f"How well does {model} tell {listed(metrics.measures.classes)} apart{unseen}?"


def _answer(model: str, metrics: Metrics) -> str:
    """Return the answer in a sentence, and a second one if a simple model may be as good."""
    measures = metrics.measures
    if measures.one_class:
        return f"Not at all: {measures.one_class}."
    value, interval = measures.values.get(MAIN), measures.intervals.get(MAIN)
    patients = f" of {measures.groups:,} patients" if measures.groups is not None else ""
    if value is None:
        return f"That cannot be said: balanced accuracy is undefined ({measures.reasons.get(MAIN, '')})."
    spread = f"95 % interval {interval_text(interval)}" if interval else measures.reasons.get(MAIN, "no interval")
    answer = (
        f"On {measures.samples:,} images{patients}, {model} reaches a balanced accuracy of {value:.3f} ({spread}); "
        f"guessing gives {1 / len(measures.classes):.3f}."
    )
    doubt = metrics.baseline.doubt if metrics.baseline else ""
    return f"{answer} {doubt}".rstrip()


def _warnings(metrics: Metrics, training: Provenance | None) -> list[str]:
    """Return what a reader must know before the first number."""
    warnings = []
    if metrics.data.synthetic:
        warnings.append(SYNTHETIC_NUMBERS)
    if is_leaked(metrics, training):
        reason = metrics.seen or (training and training.split.leak)
        warnings.append(f"Leaked: {reason}. The numbers below are too high for a new patient.")
    elif metrics.seen is not None and not metrics.seen.known:
        warnings.append(f"Possibly leaked: {metrics.seen}.")
    if metrics.scale is not None:
        warnings.append(f"Another scale: {metrics.scale}.")
    return warnings


def _tested(metrics: Metrics) -> str:
    """Return the images that were measured, in a sentence."""
    measures, split = metrics.measures, metrics.split
    patients = "an unknown number of" if measures.groups is None else f"{measures.groups:,}"
    where = f"all of {metrics.data.name}" if split.unit is None else f"the {split.part} part of {metrics.data.name}"
    how = f", split {split.method}" if split.unit is not None else ""
    if split.unit is None and (seen := metrics.seen) is not None and seen.images and not seen.measured:
        how = f", but {seen.images:,} images that were left out, since {seen}"
    mapped = ", ".join(f"{theirs} as {ours}" for theirs, ours in (metrics.class_map or {}).items())
    counted = f" Classes of the data were counted as those of the model: {mapped}." if mapped else ""
    return f"{measures.samples:,} images of {patients} patients: {where}{how}.{counted}"


def _measures(measures: Result) -> list[Mapping[str, Any]]:
    """Return the rows of the table of measures."""
    return [
        {
            "name": measure_name(name),
            "value": value,
            "interval": measures.intervals.get(name),
            "reason": measures.reasons.get(name, ""),
        }
        for name, value in measures.values.items()
    ]


def _patients(answers: PatientAnswers | None) -> Mapping[str, Any] | None:
    """Return the table of the measures of patients; None if there are none."""
    if answers is None:
        return None
    if answers.measures is None:
        return {"text": f"None: {answers.reason}.", "rows": [], "notes": []}
    text = f"One answer for each of {answers.measures.samples:,} patients: {answers.rule}."
    left_out = [f"Left out: {answers.reason}."] if answers.reason else []
    rows = [
        row
        for row, measure in zip(_measures(answers.measures), answers.measures.values, strict=True)
        if measure in headlines()
    ]
    return {"text": text, "rows": rows, "notes": [*left_out, *answers.measures.notes]}


def _breakdown(breakdown: Breakdown) -> Mapping[str, Any]:
    """Return the table of the measures by one column."""
    rows, listed = [], (*OF_PARTS, *headlines_of_plugins())
    for part in breakdown.parts:
        found = part.measures
        cells = [_measured(found, name) for name in listed]
        patients = whole(found.groups)
        rows.append({"name": part.title, "cells": [f"{found.samples:,}", patients, *cells]})
    names = [measure_name(name) for name in listed]
    return {
        "column": shown(breakdown.column),
        "columns": ["images", "patients", *names],
        "rows": rows,
        "note": sentence(breakdown.note) if breakdown.note else "",
    }


def _measured(measures: Result, name: str) -> str:
    """Return a measure with its interval, if it has one."""
    value = measures.values[name]
    return NONE if value is None else with_interval(value, measures.intervals.get(name))


def _baseline(baseline: BaselineResult) -> list[Mapping[str, Any]]:
    """Return the rows of the table of the network and the simple model."""
    compared = (name for name in COMPARED if name in baseline.differences)
    return [
        {
            "name": measure_name(name),
            "network": found.first,
            "simple": found.second,
            "value": found.value,
            "interval": found.interval,
            "reason": found.reason,
        }
        for name, found in ((name, baseline.differences[name]) for name in compared)
    ]


def _per_class(measures: Result) -> Mapping[str, Any]:
    """Return the table of each class's measures, a column for each class, so that it fits on a page."""
    found = measures.per_class
    names = list(next(iter(found.values())))
    return {
        "columns": list(found),
        "rows": [
            {
                "name": "images" if name == "support" else _of_one_class(name),
                "values": [_cell(values[name]) for values in found.values()],
            }
            for name in names
        ],
    }


def _of_one_class(measure: str) -> str:
    """Return the name of a measure of one class, which is no weighted mean, as the one of all classes may be."""
    return measure_name(measure).removesuffix(" (weighted)")


def _cell(value: float | int | None) -> str:
    """Return a number as text: whole numbers whole, others with three digits."""
    return whole(value) if isinstance(value, int) else decimal(value)


def _confusion(measures: Result) -> Mapping[str, Any]:
    """Return the confusion matrix with the share of each row, which the page shades."""
    rows = []
    for label, counts in zip(measures.classes, measures.confusion, strict=True):
        total = max(sum(counts), 1)
        rows.append({"name": label, "cells": [{"images": count, "share": count / total} for count in counts]})
    return {"classes": list(measures.classes), "rows": rows}


def _training(training: Provenance | None) -> list[tuple[str, str]]:
    """Return facts about the training."""
    if training is None:
        return []
    images, patients = training.split.images, training.split.patients
    parts = [
        f"{part} {getattr(images, part):,} images"
        + (f" of {getattr(patients, part):,} patients" if patients is not None else "")
        for part in PARTS
        if getattr(images, part)
    ]
    return [
        ("data", training.data.name),
        ("parts", "; ".join(parts)),
        ("recipe", f"{training.recipe.name}: {training.recipe.summary}"),
        ("seed", str(training.seed)),
        ("parameters", f"{training.parameters:,}"),
    ]


def _answers(metrics: Metrics) -> list[tuple[str, str]]:
    """Return how outputs become answers: probabilities, labels, prediction sets, images that get no answer."""
    found = [("Probabilities", str(metrics.calibration))] if metrics.calibration else []
    if metrics.calibration and metrics.calibration.decision:
        found.append(("Labels", metrics.calibration.decision))
    if metrics.coverage:
        found.append(("Prediction sets", str(metrics.coverage)))
    if metrics.novelty:
        found.append(("Unlike the training", metrics.novelty.text(metrics.measures.samples)))
    return [(name, sentence(text)) for name, text in found]


def _not_done(metrics: Metrics, training: Provenance | None) -> list[str]:
    """Return what this evaluation does not show."""
    missing = ["The model was trained once: the intervals do not show how results vary between trainings."]
    if metrics.split.unit is not None:
        missing.append("It was not tested on images from another hospital, scanner or laboratory.")
    if metrics.measures.groups is None:
        missing.append("The patients are not known, so the intervals treat images as independent.")
    if metrics.calibration is not None and metrics.calibration.temperature is None:
        missing.append("Its probabilities are not calibrated: 0.9 does not mean that it is right nine times in ten.")
    if training is None:
        missing.append("It is not known how the model was trained.")
    return missing
