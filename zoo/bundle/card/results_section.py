"""The part of the card that holds numbers: each with its interval, and all with what was resampled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zoo.bundle.card.markdown import plain, table

LABELS = {
    "auroc": "AUROC",
    "f1": "F1",
    "f1_macro": "F1, mean over the classes",
    "f1_minority": "F1 of the rarest class",
    "f1_weighted": "F1, weighted",
    "gmean": "geometric mean",
    "iba": "index of balanced accuracy",
    "recall": "recall (sensitivity)",
}


def label(measure: str) -> str:
    """A measure's name for a reader."""
    return LABELS.get(measure) or measure.replace("_weighted", ", weighted").replace("_", " ")


def results(metrics: Mapping[str, Any] | None, *, split: Mapping[str, Any]) -> str:
    """What was measured, on what, and how sure it is."""
    if metrics is None:
        return "## Results\n\nNot evaluated: nobody knows how well this model does."
    measures = metrics["measures"]
    parts = [
        "## Results",
        split_warning(metrics["split"], split),
        _tested_on(metrics),
        table(["measure", "value", f"{measures['level']:.0%} interval"], _rows(measures)),
        _reading(metrics),
        "\n".join(f"- {plain(note)}" for note in measures["notes"]),
        "Confusion matrix, in images; rows are the truth, columns what the model said:",
        _confusion(measures),
    ]
    return "\n\n".join(part for part in parts if part)


def split_warning(tested: Mapping[str, Any], split: Mapping[str, Any]) -> str:
    """Images of one patient on both sides of a split: the most common flaw of published numbers."""
    if tested.get("unit") != "image":
        return ""
    if split.get("patients"):
        return (
            "> **Split by image.** Images of one patient lie on both sides of this split, so the numbers "
            "below are **too high for a new patient**. They serve to compare with papers that split this way."
        )
    return (
        "> **Split by image.** Nobody said which patient an image comes from. If patients have more than "
        "one, they lie on both sides of this split, and the numbers below are **too high for a new patient**."
    )


def _tested_on(metrics: Mapping[str, Any]) -> str:
    measures, split, data = metrics["measures"], metrics["split"], metrics["data"]
    patients = "an unknown number of" if measures["groups"] is None else f"{measures['groups']:,}"
    name = plain(data["name"])
    drawn = "synthetic " if data.get("synthetic") else ""
    where = (
        f"the {split['part']} part of {name}, split by {split['unit']} with seed {split['seed']}"
        if "unit" in split
        else f"all of {name}"
    )
    return f"Measured on {measures['samples']:,} {drawn}images of {patients} patients: {where}."


def _rows(measures: Mapping[str, Any]) -> list[list[str]]:
    return [[label(name), *_value(measures, name)] for name in measures["values"]]


def _value(measures: Mapping[str, Any], name: str) -> tuple[str, str]:
    value, interval = measures["values"][name], measures["intervals"].get(name)
    why = plain(measures["reasons"].get(name, ""))
    if value is None:
        return "undefined", why
    return f"{value:.3f}", f"{interval[0]:.3f} to {interval[1]:.3f}" if interval else why


def _reading(metrics: Mapping[str, Any]) -> str:
    measures = metrics["measures"]
    whose = f"those of *{plain(measures['positive'])}*" if measures["positive"] else "means over the classes"
    return f"Precision, recall, specificity, F1 and AUROC are {whose}. {_resampling(metrics)}".strip()


def _resampling(metrics: Mapping[str, Any]) -> str:
    measures, seed = metrics["measures"], metrics.get("training_seed")
    if not measures["resamples"]:
        return ""
    units, resamples = f"{measures['unit']}s", f"{measures['resamples']:,}"
    training = "one training" if seed is None else f"one training (seed {seed})"
    return (
        f"The intervals come from {resamples} bootstrap resamples of the **{units}** measured on. "
        f"They show how the numbers depend on which {units} these happen to be; "
        f"they do not show how trainings differ, as this is {training}."
    )


def _confusion(measures: Mapping[str, Any]) -> str:
    names = [plain(name) for name in measures["classes"]]
    rows = [[f"**{name}**", *map(str, row)] for name, row in zip(names, measures["confusion"], strict=True)]
    return table(["truth", *names], rows)
