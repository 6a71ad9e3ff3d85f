"""Compare runs, bundles or Hub models on the same images."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zoo.bundle.bundle_config import BundleConfig
from zoo.bundle.bundle_metrics import is_leaked
from zoo.classifier.resolve import resolve
from zoo.comparison.comparison import Answers, Comparison, compare_answers
from zoo.errors import RunError, UsageError
from zoo.evaluation.evaluate import evaluate
from zoo.evaluation.predictions_csv import read_predictions
from zoo.metrics.metrics_file import Metrics
from zoo.progress import Reporter, reporter_for
from zoo.runs import PREDICTIONS, Run, is_run


@dataclass(frozen=True, kw_only=True)
class _Measured:
    """The predictions of one model, and what they were measured on."""

    path: str
    config: BundleConfig
    metrics: Metrics
    keys: tuple[str, ...]
    labels: NDArray[np.int64]
    groups: tuple[str, ...] | None
    logits: NDArray[np.floating]


def compare(
    models: Sequence[str | Path | Run],
    *,
    data: str | None = None,
    root: str | Path | None = None,
    options: Mapping[str, Any] | None = None,
    margin: float | None = None,
    device: str = "auto",
    progress: Reporter | bool = True,
) -> Comparison:
    """Compare models on the same images: which is better, and how sure that is.

    Without `data`, finished runs are compared by the predictions of their test parts, which must be the same images.

    Args:
        models: Runs, folders of runs or of bundles, or Hub ids; two or more.
        data: The name of a data source, or a path whose layout is recognized.
        root: Path of the data.
        options: Options of the data source.
        margin: State for each pair whether the better model is at most this much worse, in balanced accuracy.
        device: `auto`, `cpu`, `cuda`, or a torch device such as `cuda:1`.
        progress: Show progress in a terminal or a notebook; False for none, or a reporter of your own.

    Example:
        >>> print(zoo.compare(["runs/dala-idc-1", "runs/resnet50-idc-1"]).sentence)
        dala is better than resnet50 by 0.031 balanced accuracy (95 % 0.004 to 0.058, p 0.03); with 24 patients ...
    """
    if isinstance(models, str | Path | Run) or len(models) < 2:
        raise UsageError("a comparison needs at least two models")
    paths = Counter(str(model.path if isinstance(model, Run) else model) for model in models)
    if twice := [path for path, times in paths.items() if times > 1]:
        raise UsageError("this model was given twice", where=twice[0])
    if margin is not None and not 0 < margin < 1:
        raise UsageError(f"the margin must be between 0 and 1, not {margin}")
    reporter = reporter_for(progress)
    measured = [
        _stored(Run.open(model.path if isinstance(model, Run) else model))
        if data is None and root is None and (isinstance(model, Run) or is_run(Path(model).expanduser()))
        else _evaluated(model, data=data, root=root, options=options, device=device, progress=reporter)
        for model in models
    ]
    _check_same_images(measured)
    names = Counter(one.config.entry for one in measured)
    first, orders = measured[0], [sorted(range(len(one.keys)), key=one.keys.__getitem__) for one in measured]
    return compare_answers(
        [
            Answers(
                name=one.config.entry if names[one.config.entry] == 1 else one.path,
                parameters=one.config.training.parameters if one.config.training else None,
                logits=one.logits[order],
                temperature=one.metrics.temperature,
                threshold=one.metrics.threshold,
            )
            for one, order in zip(measured, orders, strict=True)
        ],
        keys=[first.keys[index] for index in orders[0]],
        labels=first.labels[orders[0]],
        groups=None if first.groups is None else [first.groups[index] for index in orders[0]],
        classes=first.metrics.measures.classes,
        minority=first.metrics.measures.minority,
        data=first.metrics.data.name,
        synthetic=first.metrics.data.synthetic,
        leaked=any(is_leaked(one.metrics, one.config.training) for one in measured),
        margin=margin,
    )


def _stored(run: Run) -> _Measured:
    """Return the predictions that a finished run wrote of its test part."""
    if run.record.status != "finished":
        raise RunError("this run is not finished", where=str(run), hint=f"zoo train --resume {run}")
    metrics, config = run.metrics, BundleConfig.read(run.bundle)
    try:
        found = read_predictions(run.path / PREDICTIONS, classes=metrics.measures.classes)
    except (OSError, ValueError) as error:
        raise RunError(f"{PREDICTIONS} cannot be read: {error}", where=str(run)) from error
    return _Measured(
        path=str(run),
        config=config,
        metrics=metrics,
        keys=found.keys,
        labels=found.labels,
        groups=found.groups,
        logits=found.logits,
    )


def _evaluated(model: str | Path | Run, *, device: str, progress: Reporter, **data: Any) -> _Measured:
    """Evaluate a model."""
    path = model.path if isinstance(model, Run) else model
    evaluation = evaluate(path, device=device, progress=progress, **data)
    config = BundleConfig.read(resolve(path))
    groups = evaluation.groups
    return _Measured(
        path=str(path),
        config=config,
        metrics=evaluation.metrics,
        keys=tuple(sample.key for sample in evaluation.samples),
        labels=evaluation.labels,
        groups=None if groups is None else tuple(groups),
        logits=evaluation.logits,
    )


def _check_same_images(measured: Sequence[_Measured]) -> None:
    """Raise a UsageError unless all models were measured on the same images with the same labels."""
    first = measured[0]
    for other in measured[1:]:
        common = len(set(first.keys) & set(other.keys))
        same_data = first.metrics.data.fingerprint == other.metrics.data.fingerprint
        if first.metrics.measures.classes != other.metrics.measures.classes:
            raise UsageError(
                f"{first.path} and {other.path} have different classes: "
                f"{', '.join(first.metrics.measures.classes)}, and {', '.join(other.metrics.measures.classes)}"
            )
        if not same_data or sorted(first.keys) != sorted(other.keys):
            raise UsageError(
                f"{first.path} and {other.path} were measured on different images: {len(first.keys):,} and "
                f"{len(other.keys):,}, with {common if same_data else 0:,} in common",
                hint="train both with the same split (the same --seed or --split-file), or give --data: images that "
                "none of them has seen",
            )
