"""Measuring a classifier on held-out images."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from zoo.classifier import Classifier, from_pretrained
from zoo.data.manifest import Manifest, Sample
from zoo.data.preparing import TOLERATED, Prepared, prepare
from zoo.data.reading import find_source, read_manifest
from zoo.data.split import Split
from zoo.data.splitting import Splitting, read_split
from zoo.device import Compute, choose_compute
from zoo.engine.score import score
from zoo.errors import DataError, UsageError
from zoo.files import write_json, write_text
from zoo.metrics import Measures, measure
from zoo.progress import Silent, Watcher
from zoo.registry import registry
from zoo.runs import METRICS, PREDICTIONS, SPLIT, Run, is_run

BATCH = 32
"""Evaluation's own batch size, so that a number does not depend on how the network was trained."""


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """What was measured, and on what."""

    data: Mapping[str, Any]
    split: Mapping[str, Any]
    training_seed: int | None
    measures: Measures
    samples: tuple[Sample, ...]
    probabilities: np.ndarray

    def as_dict(self) -> dict[str, Any]:
        """The document that metrics.json holds."""
        return {
            "data": dict(self.data),
            "split": dict(self.split),
            "training_seed": self.training_seed,
            "measures": self.measures.as_dict(),
        }

    def write(self, folder: Path) -> None:
        """metrics.json, and predictions.csv with one row for each image."""
        write_json(folder / METRICS, self.as_dict())
        text = io.StringIO()
        table = csv.writer(text, lineterminator="\n")
        classes = self.measures.classes
        table.writerow(["key", "group", "label", "predicted", *(f"p_{name}" for name in classes)])
        for sample, row in zip(self.samples, self.probabilities, strict=True):
            predicted = classes[int(row.argmax())]
            table.writerow([sample.key, sample.group or "", sample.label, predicted, *(f"{p:.9g}" for p in row)])
        write_text(folder / PREDICTIONS, text.getvalue())


def evaluate(
    model: str | Path | Run,
    *,
    data: str | None = None,
    root: str | Path | None = None,
    options: Mapping[str, Any] | None = None,
    part: str = "test",
    device: str = "auto",
    store: bool = True,
    tolerate: float = TOLERATED,
    watch: Watcher | None = None,
) -> Evaluation:
    """Measure a run, a bundle or a Hub model: on the held-out part of its own data, or on other data whole."""
    watch = watch or Silent()
    path = Path(model)
    classifier = from_pretrained(path if path.exists() else str(model))
    trained = classifier.description.training
    known = trained.get("data", {})
    if data is None and not known:
        raise UsageError("this model does not say what it was trained on", hint="give --data and --root")
    if root is None and data is None and is_run(path):
        root = Run.open(path).record["root"]
    own = data is None or data == known.get("source")
    source, place = find_source(data or known["source"], root, registry().plugins.sources)
    own = source.name == known.get("source")
    manifest = read_manifest(
        source,
        root=place,
        options=options if options is not None else (known.get("options") if own else None),
        watch=watch,
    )
    prepared = prepare(manifest, classifier.description.preprocessing, watch, store=store, tolerated=tolerate)
    split = None
    if prepared.fingerprint == known.get("fingerprint"):
        split = _own_split(prepared.manifest, trained, path / SPLIT if is_run(path) else None)
    elif part != "test":
        raise UsageError(f"there is no {part} part: these are not the data this model was trained on")
    else:
        watch.say("these are not the data this model was trained on: all of their images are evaluated")
    return evaluate_classifier(
        classifier, prepared, split=split, part=part, compute=choose_compute(device, "float32"), watch=watch
    )


def evaluate_classifier(
    classifier: Classifier,
    prepared: Prepared,
    *,
    split: Split | None,
    part: str,
    compute: Compute,
    watch: Watcher,
) -> Evaluation:
    """Measure on one part of a split, or without one on everything."""
    manifest = prepared.manifest
    if manifest.classes != classifier.classes:
        raise DataError(
            f"the data have the classes {', '.join(manifest.classes)}, "
            f"and the model knows {', '.join(classifier.classes)}",
            where=manifest.name,
        )
    indices = split.part(part) if split else tuple(range(len(manifest.samples)))
    if not indices:
        raise DataError(f"the {part} part of this split holds no image", where=manifest.name)
    samples = tuple(manifest.samples[index] for index in indices)
    classifier.to(compute.device)
    probabilities = score(classifier, prepared.pixels, indices, compute=compute, batch_size=BATCH, watch=watch)
    number = {name: index for index, name in enumerate(classifier.classes)}
    groups = [sample.group for sample in samples if sample.group is not None]
    return Evaluation(
        data={
            "source": manifest.source,
            "name": manifest.name,
            "synthetic": manifest.synthetic,
            "fingerprint": prepared.fingerprint,
        },
        split={"unit": split.unit, "seed": split.seed, "part": part} if split else {"part": "all"},
        training_seed=classifier.description.training.get("seed"),
        measures=measure(
            labels=np.array([number[sample.label] for sample in samples]),
            probabilities=probabilities,
            classes=classifier.classes,
            groups=groups if len(groups) == len(samples) else None,
        ),
        samples=samples,
        probabilities=probabilities,
    )


def _own_split(manifest: Manifest, trained: Mapping[str, Any], table: Path | None) -> Split:
    """The split of the training: a run kept it; without it, it follows from the data and the seed."""
    facts = trained["split"]
    if table is not None and table.is_file():
        return replace(read_split(table, manifest), unit=facts["unit"], seed=facts["seed"])
    if facts.get("file"):
        raise UsageError("this model's split came from a file, which is not in its bundle", hint="evaluate its run")
    return Splitting(
        how=facts["unit"],
        fractions=tuple(facts["fractions"]),
        seed=facts["seed"],
        folds=facts.get("folds"),
        fold=facts.get("fold", 0),
    ).of(manifest)
