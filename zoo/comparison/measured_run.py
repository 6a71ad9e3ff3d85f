"""The predictions of one trained model, and what they were measured on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zoo.bundle.bundle_config import BundleConfig
from zoo.bundle.bundle_metrics import is_leaked
from zoo.classifier.resolve import resolve
from zoo.errors import RunError
from zoo.evaluation.evaluate import evaluate
from zoo.evaluation.predictions_csv import read_predictions
from zoo.metrics.logits import log_odds
from zoo.metrics.metrics_file import Metrics
from zoo.metrics.outputs import Outputs
from zoo.metrics.paired import Training
from zoo.progress import Reporter
from zoo.runs import PREDICTIONS, Run


@dataclass(frozen=True, kw_only=True)
class MeasuredRun:
    """The predictions of one trained model, the images in the order of their names."""

    path: str
    config: BundleConfig
    metrics: Metrics
    keys: tuple[str, ...]
    labels: NDArray[np.int64]
    groups: tuple[str, ...] | None
    logits: NDArray[np.floating]
    baseline_logits: NDArray[np.floating] | None = None
    """The outputs of the simple model beside the network; None if they are not known."""
    paths: tuple[Path, ...] = ()
    """The files of the images, if they are known."""

    @property
    def part(self) -> tuple[str, tuple[str, ...]]:
        """The images: the same for two runs that were measured on the same ones."""
        return self.metrics.data.fingerprint, self.keys

    @property
    def leaked(self) -> bool:
        """Whether the model was trained or validated on some of these images or their patients."""
        return is_leaked(self.metrics, self.config.training)

    @cached_property
    def training(self) -> Training:
        """The measures, with all patients and without each."""
        return self._measured(self.outputs)

    @cached_property
    def baseline(self) -> Training | None:
        """The measures of the simple model beside the network; None if its outputs are not known."""
        logits = self.baseline_logits
        return None if logits is None else self._measured(self.outputs.uncalibrated(logits))

    @property
    def outputs(self) -> Outputs:
        """The network's outputs, as they were measured."""
        return self.metrics.outputs(labels=self.labels, logits=self.logits, groups=self.groups)

    def _measured(self, outputs: Outputs) -> Training:
        """Return the measures of some outputs for these images."""
        measures = self.metrics.measures
        return Training(outputs.checked(), minority=measures.classes.index(measures.minority))

    @cached_property
    def odds(self) -> NDArray[np.float64]:
        """The calibrated log odds of each class against the rest, [images, classes]."""
        return log_odds(np.asarray(self.logits, dtype=np.float64) / self.metrics.temperature)

    @cached_property
    def decisions(self) -> NDArray[np.float64]:
        """The log odds of each class, by how much they are beyond the threshold; their mean over trainings decides."""
        shift = float(np.log(self.metrics.threshold / (1 - self.metrics.threshold)))
        return self.odds + np.array([shift, -shift]) if shift else self.odds

    @cached_property
    def called(self) -> NDArray[np.int64]:
        """The predicted class of each image, as a number."""
        return self.outputs.called


def stored_predictions(run: Run) -> MeasuredRun:
    """Return the predictions that a finished run wrote of its test part."""
    if run.record.status != "finished":
        raise RunError("this run is not finished", where=str(run), hint=f"zoo train --resume {run}")
    metrics, config = run.metrics, BundleConfig.read(run.bundle)
    try:
        found = read_predictions(run.path / PREDICTIONS, classes=metrics.measures.classes)
    except (OSError, ValueError) as error:
        raise RunError(f"{PREDICTIONS} cannot be read: {error}", where=str(run)) from error
    order = sorted(range(len(found.keys)), key=found.keys.__getitem__)
    return MeasuredRun(
        path=str(run),
        config=config,
        metrics=metrics,
        keys=tuple(found.keys[index] for index in order),
        labels=found.labels[order],
        groups=None if found.groups is None else tuple(found.groups[index] for index in order),
        logits=found.logits[order],
        baseline_logits=None if found.baseline is None else found.baseline[order],
    )


def evaluated(model: str | Path | Run, *, device: str, progress: Reporter, **data: Any) -> MeasuredRun:
    """Return the predictions of a model, evaluated now.

    Args:
        model: A run, a bundle or a Hub id.
        device: The device to compute on.
        progress: Shows progress.
        **data: The data, root and options of `zoo.evaluate`.
    """
    evaluation = evaluate(model, device=device, progress=progress, **data)
    samples, groups, simple = evaluation.samples, evaluation.groups, evaluation.baseline_logits
    order = sorted(range(len(samples)), key=lambda index: samples[index].key)
    return MeasuredRun(
        path=str(model),
        config=BundleConfig.read(resolve(model)),
        metrics=evaluation.metrics,
        keys=tuple(samples[index].key for index in order),
        labels=evaluation.labels[order],
        groups=None if groups is None else tuple(groups[index] for index in order),
        logits=evaluation.logits[order],
        baseline_logits=None if simple is None else simple[order],
        paths=tuple(samples[index].path for index in order),
    )
