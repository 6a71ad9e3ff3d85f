"""The report of a comparison: the answer in a sentence, tables, charts, images, and what was not done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date as dates
from pathlib import Path
from types import MappingProxyType
from typing import Any

from zoo.comparison import Comparison, Disagreement, ModelResult, Pair
from zoo.data.source_lookup import read_manifest
from zoo.errors import ZooError
from zoo.metrics.metrics_file import MAIN, SYNTHETIC_NUMBERS
from zoo.metrics.names import measure_name
from zoo.metrics.number_text import NONE, decimal, interval_text, p_value, whole
from zoo.progress import Reporter, Silent
from zoo.registry import registry
from zoo.reports.comparison_charts import comparison_charts
from zoo.reports.report import Report, render
from zoo.reports.thumbnail import image_thumbnail
from zoo.runs import Run, is_run
from zoo.text import listed, sentence, storage_size
from zoo.version import __version__

MEASURES = ("balanced_accuracy", "auroc", "accuracy", "recall", "specificity", "loss")
MOST_ANSWERS = 6
"""How many models' answers to an image are shown."""
MOST_IN_QUESTION = 4


def write_comparison_report(
    folder: Path,
    comparison: Comparison,
    *,
    progress: Reporter | None = None,
    template: str = "comparison",
    more: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Write report.html and report.md, with pictures of the images on which the models differ most.

    Args:
        folder: The folder.
        comparison: The comparison.
        progress: Shows progress.
        template: The name of the templates, which extend those of a comparison.
        more: What these show in addition.
    """
    files = _files_of_images(comparison, progress or Silent())
    pictures = {key: picture for key, path in files.items() if (picture := image_thumbnail(path))}
    folder.mkdir(parents=True, exist_ok=True)
    values = comparison_values(comparison, pictures=pictures, date=dates.today().isoformat())
    render(template, {**values, **more}).write(folder)


def comparison_report(comparison: Comparison, *, pictures: Mapping[str, str], date: str) -> Report:
    """Return the report of a comparison; the arguments are those of `comparison_values`."""
    return render("comparison", comparison_values(comparison, pictures=pictures, date=date))


def comparison_values(comparison: Comparison, *, pictures: Mapping[str, str], date: str) -> dict[str, Any]:
    """Return what the report of a comparison shows.

    Args:
        comparison: The comparison.
        pictures: Pictures of the images on which the models differ, as URIs that hold them, by the image's name.
        date: The day of the report, as text.
    """
    models, pairs = comparison.models, comparison.with_best
    several = any(len(model.runs) > 1 for model in models)
    patients = f" of {comparison.patients:,} patients" if comparison.patients is not None else ""
    return {
        "title": f"{len(models)} models on {comparison.data}",
        "date": date,
        "version": __version__,
        "question": _question(comparison),
        "answer": comparison.sentence,
        "warnings": _warnings(comparison),
        "measured": f"{comparison.images:,} images{patients} of {comparison.data}; {comparison.trainings}.",
        "several": several,
        "unit": comparison.unit,
        "columns": [measure_name(measure) for measure in _measures(models)],
        "models": [_model(number, model, _measures(models), several) for number, model in enumerate(models, 1)],
        "best": models[0].name,
        "pairs": [_pair(number, pair) for number, pair in enumerate(pairs, 2)],
        "all_pairs": len(comparison.pairs),
        "beside_baseline": [_beside(number, model) for number, model in enumerate(models, 1) if model.beside_baseline],
        "mcnemar": any(pair.mcnemar for pair in pairs),
        "margin": f"{comparison.margin:g}" if comparison.margin is not None else "",
        **_costs(models),
        "charts": comparison_charts(comparison),
        "disagreements": [_disagreement(one, pictures.get(one.key)) for one in comparison.disagreements],
        "notes": [sentence(note) for note in comparison.notes],
        "not_done": _not_done(comparison),
    }


def _question(comparison: Comparison) -> str:
    """Return the question that the comparison answers."""
    names = [model.name for model in comparison.models]
    if len(names) > MOST_IN_QUESTION:
        return f"Which of {len(names)} models is best on the same images, and how sure is that?"
    return f"Which of {listed(names)} is best on the same images, and how sure is that?"


def _warnings(comparison: Comparison) -> list[str]:
    """Return what a reader must know before the first number."""
    warnings = []
    if comparison.synthetic:
        warnings.append(SYNTHETIC_NUMBERS)
    if comparison.leaked:
        warnings.append("Leaked: a model has seen some of these images, or others of the same patients.")
    return warnings


def _measures(models: tuple[ModelResult, ...]) -> list[str]:
    """Return the measures in the table."""
    return [measure for measure in MEASURES if measure in models[0].values]


def _model(number: int, model: ModelResult, measures: list[str], several: bool) -> Mapping[str, Any]:
    """Return the row of a model; the spread is a standard deviation if models have several trainings."""
    cells = []
    for measure in measures:
        interval, deviation = model.intervals.get(measure), model.deviations.get(measure)
        spread = ""
        if deviation is not None:
            spread = f"± {deviation:.3f}"
        elif interval and not several:
            spread = interval_text(interval)
        cells.append({"value": model.values[measure], "spread": spread})
    return {"number": number, "name": model.name, "trainings": len(model.runs), "cells": cells}


def _pair(number: int, pair: Pair) -> Mapping[str, Any]:
    """Return the row of a model that is compared with the best."""
    difference, area, mcnemar = pair.differences[MAIN], pair.differences.get("auroc"), pair.mcnemar
    return {
        "number": number,
        "name": pair.second,
        "value": difference.value,
        "interval": interval_text(difference.interval),
        "reason": difference.reason,
        "p": NONE if pair.corrected_p is None else p_value(pair.corrected_p),
        "detectable": difference.detectable,
        "auroc": decimal(area.value if area else None),
        "auroc_interval": interval_text(area.interval) if area else "",
        "agreement": pair.agreement,
        "not_worse": {None: "cannot be said", True: "yes", False: "not shown"}[pair.second_not_worse],
        "mcnemar": NONE
        if mcnemar is None
        else f"{p_value(mcnemar.p)} ({mcnemar.only_first_right:,} : {mcnemar.only_second_right:,})",
    }


def _beside(number: int, model: ModelResult) -> Mapping[str, Any]:
    """Return the row of a model beside the simple one."""
    found = model.beside_baseline[MAIN]
    return {
        "number": number,
        "name": model.name,
        "baseline": found.second,
        "value": found.value,
        "interval": interval_text(found.interval, found.reason),
    }


def _costs(models: tuple[ModelResult, ...]) -> Mapping[str, Any]:
    """Return the table of what a prediction costs, with the columns in which anything is known."""
    known = [model.cost for model in models if model.cost]
    measured, memory = bool(known), any(cost.peak_memory_bytes for cost in known)
    columns = ["parameters"]
    if measured:
        columns += ["multiply-adds", f"images/s ({known[0].device})"]
    if memory:
        columns.append("GPU memory")
    rows = []
    for number, model in enumerate(models, 1):
        cost = model.cost
        cells = [whole(model.parameters or None)]
        if measured:
            cells += [f"{cost.multiply_adds / 1e6:,.1f} M", f"{cost.images_per_second:,.0f}"] if cost else [NONE, NONE]
        if memory:
            used = cost.peak_memory_bytes if cost else None
            cells.append(storage_size(used) if used else NONE)
        rows.append({"number": number, "name": model.name, "cells": cells})
    return {"cost_columns": columns, "costs": rows}


def _disagreement(one: Disagreement, picture: str | None) -> Mapping[str, Any]:
    """Return an image with the models' answers; of many models, the answers of the first ones."""
    answers = [
        {"name": name, "answer": answer, "probability": one.probabilities[name]}
        for name, answer in list(one.answers.items())[:MOST_ANSWERS]
    ]
    return {
        "key": one.key,
        "label": one.label,
        "patient": one.patient or "not known",
        "picture": picture,
        "answers": answers,
        "more": len(one.answers) - len(answers),
    }


def _not_done(comparison: Comparison) -> list[str]:
    """Return what this comparison does not show."""
    missing = []
    if all(len(model.runs) == 1 for model in comparison.models):
        missing.append("Each model was trained once: the intervals do not show how results vary between trainings.")
    elif "one split" in comparison.trainings:
        missing.append("All trainings had the same training images: other ones were not tried.")
    missing.append("The models were not tuned, unless that is stated elsewhere: the best settings may differ by model.")
    missing.append("They were not tested on images from another hospital, scanner or laboratory by this comparison.")
    if comparison.patients is None:
        missing.append("The patients are not known, so the intervals treat images as independent.")
    if comparison.margin is None:
        missing.append(
            "No margin of non-inferiority was stated: that no difference was found does not mean that two "
            "models are equally good."
        )
    if not any(model.cost for model in comparison.models):
        missing.append("Multiply-adds, speed and memory were not measured; `zoo compare` measures them.")
    return missing


def _files_of_images(comparison: Comparison, progress: Reporter) -> dict[str, Path]:
    """Return the files of the images on which the models differ, as far as they can be found."""
    known = {one.key: one.path for one in comparison.disagreements if one.path is not None}
    wanted = {one.key for one in comparison.disagreements} - set(known)
    path = Path(comparison.models[0].runs[0])
    if not wanted or not is_run(path):
        return known
    data = Run.open(path).record.config.data
    try:
        source = registry().source(data.source)
        manifest = read_manifest(source, root=data.root, options=data.options, progress=progress)
    except (ZooError, OSError):  # the data may be gone, and a report without pictures is still of use
        return known
    return known | {sample.key: sample.path for sample in manifest.samples if sample.key in wanted}
