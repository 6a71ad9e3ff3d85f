"""Many short trainings of one network, each measured on patients of its own: what the choices of a recipe are worth.

Used by the benchmarks beside it. A pool of patients is drawn again for each seed, and is split by the given fractions.
The test images are of other patients, more than a real test part has, so that they add little noise.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from scipy import stats

from zoo.classifier import Classifier, from_blueprint
from zoo.config.recipe import Recipe
from zoo.data.device_images import DeviceImages
from zoo.data.manifest import Manifest, Sample
from zoo.data.pixels.prepare import Prepared, prepare
from zoo.data.source_lookup import read_manifest
from zoo.data.split.split import Split, make_split
from zoo.device import choose_compute
from zoo.distributed.world import World
from zoo.evaluation.inference import Inference
from zoo.progress import Silent
from zoo.registry import registry
from zoo.signals import StopRequest
from zoo.spec import Fit
from zoo.training.checkpoint import Checkpoints, CheckpointWriter
from zoo.training.compute import ComputePlan
from zoo.training.loop import TrainingLoop
from zoo.training.training_data import TrainingData
from zoo.training.validation import validate

POOL_PATIENTS, TEST_PATIENTS = 30, 25
"""How many patients are drawn for training and for the test."""
SAMPLES = (0, 1, 2)
"""The seeds of the synthetic samples that are joined, of 30 patients each."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """The images of one seed: a pool of patients to split into training and validation, and test images."""

    prepared: Prepared
    pool: tuple[int, ...]
    test: tuple[int, ...]
    seed: int

    @property
    def labels(self) -> np.ndarray:
        """The class of each image."""
        return np.array(self.prepared.manifest.labels)

    def split(self, fractions: Sequence[float]) -> Split:
        """Return the pool split by patient; what is left of it after training and validation is not used."""
        whole = self.prepared.manifest
        part = replace(whole, samples=tuple(whole.samples[index] for index in self.pool))
        shares = np.array([*fractions, max(1 - sum(fractions), 1e-3)])
        parts = make_split(part, unit="patient", fractions=(shares / shares.sum()).tolist(), seed=self.seed)
        train, val = (tuple(self.pool[index] for index in indices) for indices in (parts.train, parts.val))
        return Split(unit="patient", seed=self.seed, train=train, val=val, test=self.test)


def trials(root: Path | None, seeds: int, *, size: int, fit: Fit = "squash") -> Iterable[Trial]:
    """Yield the images of each seed: of IDC if its folder is given, or else of synthetic samples."""
    preprocessing = replace(registry().model("resnet20").preprocessing, height=size, width=size, fit=fit)
    manifest = read_manifest(registry().source("idc"), root=root) if root else _synthetic()
    prepared = prepare(manifest, preprocessing, Silent())
    groups = [str(sample.group) for sample in prepared.manifest.samples]
    for seed in range(seeds):
        order = np.random.default_rng(seed).permutation(sorted(set(groups))).tolist()
        chosen, tested = set(order[:POOL_PATIENTS]), set(order[POOL_PATIENTS:][:TEST_PATIENTS])
        pool = tuple(index for index, group in enumerate(groups) if group in chosen)
        test = tuple(index for index, group in enumerate(groups) if group in tested)
        yield Trial(prepared=prepared, pool=pool, test=test, seed=seed)


def _synthetic() -> Manifest:
    """Return the images of several synthetic samples."""
    source = registry().source("sample")
    read = {seed: read_manifest(source, options={"seed": seed}) for seed in SAMPLES}
    samples = tuple(
        Sample(path=one.path, key=f"{seed}/{one.key}", label=one.label, group=f"{seed}/{one.group}")
        for seed, manifest in read.items()
        for one in manifest.samples
    )
    classes = next(iter(read.values())).classes
    return Manifest(source="sample", name="synthetic", classes=classes, samples=samples, synthetic=True)


def train(
    name: str,
    trial: Trial,
    split: Split,
    recipe: Recipe,
    *,
    after_epoch: Callable[[TrainingLoop], None] = lambda _: None,
    change: Callable[[Classifier], None] = lambda _: None,
) -> Classifier:
    """Train a fresh network on one thread, and return the classifier with the last weights, averaged if so recorded.

    Args:
        name: The model.
        trial: The images, and the seed of the weights and of the batches.
        split: The split of the images.
        recipe: The recipe; which epoch it selects makes no difference here.
        after_epoch: Called with the loop after each epoch.
        change: Called with the classifier before it is trained.

    Raises:
        ValueError: There are not enough training images for one batch.
    """
    if len(split.train) < recipe.batch_size:
        raise ValueError(f"{len(split.train)} training images are fewer than a batch of {recipe.batch_size}")
    torch.manual_seed(trial.seed)
    classifier = from_blueprint(registry().model(name), trial.prepared.manifest.classes)
    change(classifier)
    compute = replace(choose_compute("cpu"), threads=1)
    plan = ComputePlan(compute=compute, compiled="no", resident=True, synchronized=False, description="")
    data = TrainingData(prepared=trial.prepared, split=replace(split, val=()))
    last = recipe.changed({"select": "last", "patience": None})
    loop = TrainingLoop(
        classifier, data, last, tuned=(), seed=trial.seed, compute=plan, world=World(), progress=Silent()
    )
    with TemporaryDirectory() as folder, compute.torch_settings():
        writer = CheckpointWriter(Checkpoints(Path(folder)), every=1e9)
        with suppress(StopIteration):
            loop.run(lambda _: after_epoch(loop), writer=writer, request=StopRequest())
        writer.close()
    return loop.state.evaluated


def logits_of(classifier: Classifier, trial: Trial, indices: Sequence[int]) -> np.ndarray:
    """Return the outputs of a classifier for some images."""
    compute = replace(choose_compute("cpu"), threads=1)
    with compute.torch_settings():
        images = DeviceImages(trial.prepared.pixels, compute.device)
        return Inference(images=images, compute=compute, batch_size=64).logits(classifier, indices)


def balanced_accuracy(logits: np.ndarray, labels: np.ndarray) -> float:
    """Return the mean share of right answers over the classes."""
    return float(validate(logits, labels).val_balanced_accuracy or 0)


def print_trial(trial: Trial, results: dict[str, list[float]]) -> None:
    """Print the results of the last seed."""
    print(
        f"seed {trial.seed}: " + ", ".join(f"{name} {values[-1]:.3f}" for name, values in results.items()), flush=True
    )


def print_comparison(results: dict[str, list[float]], baseline: str) -> None:
    """Print the mean of each variant, and its mean difference from the baseline with the paired 95 % t interval."""
    print(f"{'':44} {'mean':>6} {'sd':>6}   difference from the first, 95 % interval")
    first = np.array(results[baseline])
    for name in [baseline, *(name for name in results if name != baseline)]:
        values = np.array(results[name])
        line = f"{name:44} {values.mean():6.3f} {values.std(ddof=1) if len(values) > 1 else math.nan:6.3f}"
        if name != baseline and len(values) > 1:
            difference = values - first
            half = stats.t.ppf(0.975, len(values) - 1) * difference.std(ddof=1) / math.sqrt(len(values))
            line += f"   {difference.mean():+.3f} ({difference.mean() - half:+.3f} to {difference.mean() + half:+.3f})"
        print(line, flush=True)
