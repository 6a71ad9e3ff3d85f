"""What a leak is worth: the same model trained with it and without it, and tested on the same images."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from zoo.auditing.two_trainings import TwoTrainings
from zoo.config.train_config import TrainConfig
from zoo.data.manifest import Manifest
from zoo.data.split.split import Split
from zoo.data.split.split_file import write_split
from zoo.evaluation.predictions_csv import read_predictions
from zoo.metrics.paired import Difference, paired_differences
from zoo.metrics.predictions import Predictions
from zoo.progress import Reporter, Silent
from zoo.runs import PREDICTIONS
from zoo.training.plan import make_plan
from zoo.training.train import train_from

MEASURES = ("accuracy", "balanced_accuracy", "auroc")
"""The measures that are compared."""


@dataclass(frozen=True, kw_only=True)
class LeakWorth:
    """The results of the two trainings."""

    model: str
    recipe: str
    settings: Mapping[str, object]
    """The settings that were changed from the recipe's."""
    trainings: int
    """How often each of the two was trained, with another seed each time."""
    train_images: int
    """The number of training images of each of the two."""
    test_images: int
    test_units: int
    """The number of patients that were tested, those that share an image counted as one; of images if not known."""
    test_unit: Literal["patient", "image"]
    leaking_test_images: int
    """The number of test images with a patient, or a copy, among the training images of the first model."""
    all_tested: bool
    """Whether the whole test part was tested, not only some of its patients."""
    validated: bool
    """Whether an epoch was chosen on the validation part; otherwise the last one was kept."""
    one_class: int
    """How many of all trainings gave all test images the same class: these do not show what a leak is worth."""
    measures: Mapping[str, Difference]
    """The measures with the leak (`first`), without it (`second`), and their difference."""


def measure_leak(
    config: TrainConfig, manifest: Manifest, two: TwoTrainings, *, trainings: int, progress: Reporter
) -> LeakWorth:
    """Train both models and return the difference.

    Args:
        config: The training: model, data, recipe and device; its seed is that of the first training.
        manifest: The images that can be read.
        two: The images of the two trainings.
        trainings: How often each is trained.
        progress: Shows the progress.
    """
    if not two.leaking.val:
        config = config.changed({"select": "last"})
    plan = make_plan(config)
    found: dict[str, list[Predictions]] = {"leaking": [], "clean": []}
    with (
        tempfile.TemporaryDirectory(prefix="zoo-audit-") as folder,
        progress.track("training with and without the leak", 2 * trainings, "trainings") as task,
    ):
        for number in range(trainings):
            for name, split in (("leaking", two.leaking), ("clean", two.clean)):
                out = Path(folder, f"{name}-{number}")
                changed = replace(config, seed=config.seed + number)
                found[name].append(_train(changed, manifest, split, two.units, out))
                task.advance()
    compared = paired_differences(found["leaking"], found["clean"])
    return LeakWorth(
        model=config.model.name,
        recipe=plan.recipe.name,
        settings={name: value for name, value in config.recipe.changes.items() if name != "identical"},
        trainings=trainings,
        train_images=len(two.clean.train),
        test_images=len(two.clean.test),
        test_units=len(set(two.units)),
        test_unit="patient" if any(sample.group for sample in manifest.samples) else "image",
        leaking_test_images=two.leaking_test_images,
        all_tested=two.all_tested,
        validated=bool(two.leaking.val) and plan.recipe.select != "last",
        one_class=sum(len(set(one.predictions.tolist())) == 1 for each in found.values() for one in each),
        measures={name: compared[name] for name in MEASURES if name in compared},
    )


def _train(config: TrainConfig, manifest: Manifest, split: Split, units: tuple[int, ...], out: Path) -> Predictions:
    """Train on a split, and return the predictions of the test part."""
    file = out.with_suffix(".csv")
    write_split(file, manifest, split)
    changed = config.changed({"split_file": file, "identical": "allow", "out": out})
    run = train_from(changed, progress=Silent())
    found = read_predictions(run.path / PREDICTIONS, classes=manifest.classes)
    row = {key: number for number, key in enumerate(found.keys)}
    order = [row[manifest.samples[index].key] for index in split.test]
    groups = [f"{unit:09d}" for unit in units]
    return run.metrics.outputs(labels=found.labels[order], logits=found.logits[order], groups=groups).checked()
