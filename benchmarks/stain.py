"""Whether to train with random changes of the stain, or to normalize the stain, or to do neither.

python benchmarks/stain.py [--idc FOLDER] [--seeds 6]

Trains each way on the same patients, and measures balanced accuracy on the images of other patients: as they are, and
with other stains, as from another laboratory. Normalization is that of Reinhard et al. (2001) in optical density: the
mean and the standard deviation of each channel over all tissue of a patient are moved to those of the training
patients. Another laboratory's stain is applied before normalization, so that it can be taken out again.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from short_trainings import Trial, balanced_accuracy, logits_of, print_comparison, print_trial, train, trials

from zoo.data.optical_density import DARKEST
from zoo.registry import registry
from zoo.stress.perturbations import PERTURBATIONS, Images

UNCHANGED = "as they are"
STAINS = ("more hematoxylin", "more eosin", "stronger stain", "weaker stain")
STRENGTH = 0.5
"""Doublings."""
GLASS = 0.15
"""Pixels of a lower mean density are glass, and do not count for the normalization."""
WAYS = {
    "no change of the stain": (("symmetries", "crop", "blur"), False),
    "stain augmentation": (("symmetries", "crop", "stain", "blur"), False),
    "stain normalization": (("symmetries", "crop", "blur"), True),
}
"""The augmentations of each way, and whether the stain is normalized."""


@dataclass(frozen=True)
class Rows:
    """Images in memory."""

    images: Images

    def __len__(self) -> int:
        return len(self.images)

    def read(self, indices: Sequence[int] | np.ndarray) -> np.ndarray:
        """Return a copy of the images with these indices."""
        found: np.ndarray = self.images[np.asarray(indices, dtype=int)]
        return found


def density(images: Images) -> np.ndarray:
    """Return the optical density of images."""
    return -np.log(np.clip(images.astype(np.float32) / 255, DARKEST, 1))


def spread(densities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean and the standard deviation of each channel over all tissue."""
    tissue = densities.reshape(-1, 3)
    tissue = tissue[tissue.mean(axis=1) > GLASS]
    return tissue.mean(axis=0), np.maximum(tissue.std(axis=0), 1e-3)


def normalized(images: Images, groups: np.ndarray, train: Sequence[int]) -> Images:
    """Return images with the stain of each patient moved to that of the training images."""
    densities = density(images)
    mean, deviation = spread(densities[np.asarray(train)])
    for group in np.unique(groups):
        own = groups == group
        own_mean, own_deviation = spread(densities[own])
        densities[own] = (densities[own] - own_mean) / own_deviation * deviation + mean
    changed: Images = np.clip(np.exp(-densities) * 255, 0, 255).round().astype(np.uint8)
    return changed


def with_images(trial: Trial, images: Images) -> Trial:
    """Return a trial with other pixels."""
    return replace(trial, prepared=replace(trial.prepared, pixels=Rows(images)))


def measure_ways(trial: Trial, model: str, epochs: int) -> dict[str, dict[str, float]]:
    """Train each way, and return its balanced accuracy on the test images with each stain."""
    split = trial.split((0.7, 0.0))
    groups = np.array([str(sample.group) for sample in trial.prepared.manifest.samples])
    stains = stained(trial)
    results: dict[str, dict[str, float]] = {}
    for way, (augment, normalize) in WAYS.items():
        tissue = {
            stain: with_images(trial, normalized(images, groups, split.train) if normalize else images)
            for stain, images in stains.items()
        }
        recipe = registry().recipe("modern").changed({"epochs": epochs, "lr": 1e-3, "augment": augment})
        trained = train(model, tissue[UNCHANGED], split, recipe)
        labels = trial.labels[list(trial.test)]
        results[way] = {
            stain: balanced_accuracy(logits_of(trained, images, trial.test), labels) for stain, images in tissue.items()
        }
    return results


def stained(trial: Trial) -> dict[str, Images]:
    """Return all images as they are, and with each other stain of the test images."""
    original = trial.prepared.pixels.read(np.arange(len(trial.labels)))
    test = np.asarray(trial.test)
    stains = {UNCHANGED: original}
    for perturbation in PERTURBATIONS:
        if perturbation.name in STAINS:
            stains[perturbation.name] = original.copy()
            stains[perturbation.name][test] = perturbation.apply(original[test], STRENGTH)
    return stains


def main() -> None:
    """Run the benchmark and print a table for the images as they are, and one for other stains."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="resnet20")
    parser.add_argument("--idc", type=Path, help="The folder of IDC; without it, synthetic samples.")
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--size", type=int, default=48)
    parser.add_argument("--epochs", type=int, default=16)
    given = parser.parse_args()
    same: dict[str, list[float]] = defaultdict(list)
    other: dict[str, list[float]] = defaultdict(list)
    for trial in trials(given.idc, given.seeds, size=given.size):
        for way, values in measure_ways(trial, given.model, given.epochs).items():
            same[way].append(values[UNCHANGED])
            other[way].append(float(np.mean([values[stain] for stain in STAINS])))
        print_trial(trial, same)
    data = "IDC" if given.idc else "synthetic sample"
    for title, results in ((f"images {UNCHANGED}", same), (f"mean over {len(STAINS)} other stains", other)):
        print(f"\n{given.model}, {data}, {given.seeds} seeds, {given.epochs} epochs: {title}")
        print_comparison(results, next(iter(WAYS)))


if __name__ == "__main__":
    main()
