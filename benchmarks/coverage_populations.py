"""The populations of benchmarks/coverage_simulation.py: patients, their images and a classifier's logits."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logit, ndtri

from zoo.metrics import measure

BENIGN = 0.3
IMAGES = 24
TRUE_PATIENTS = 60_000


@dataclass(frozen=True, kw_only=True)
class Population:
    """A population of patients, and how many of them a test set has."""

    patients: int
    accuracy: float
    """The share of all images that are right."""
    deviation: float
    """The standard deviation of the patients' effects on the logit scale."""
    mixed: bool = False
    """Each patient has images of both classes, as in IDC, in shares that vary; otherwise each has one class."""
    unequal: bool = False
    """The patients have from a few to more than a hundred images."""

    @property
    def name(self) -> str:
        """A description of the setting."""
        kind = "both classes" if self.mixed else "one class"
        sizes = ", unequal" if self.unequal else ""
        return f"{self.patients} patients of {kind}{sizes}, accuracy {self.accuracy}, sd {self.deviation}"


SETTINGS = [
    Population(patients=patients, accuracy=accuracy, deviation=deviation, mixed=mixed, unequal=unequal)
    for mixed, unequal in ((False, False), (True, False), (False, True), (True, True))
    for accuracy in (0.785, 0.974)
    for deviation in (0.7, 1.0)
    for patients in ((10, 30) if unequal else (10, 25, 30, 80))
]


def draw(population: Population, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return labels, logits and patients of the images of one test set, sorted by patient."""
    count = population.patients
    effects = population.deviation * generator.normal(size=(count, 2))
    benign = np.full(count, BENIGN)
    if population.mixed:
        benign = generator.beta(4 * BENIGN, 4 * (1 - BENIGN), size=count)
    else:
        benign = (np.arange(count) < round(BENIGN * count)).astype(float)
    sizes = np.full(count, IMAGES)
    if population.unequal:
        sizes = np.ceil(IMAGES * generator.lognormal(-0.32, 0.8, size=count)).astype(int)
    return _images(population, benign, effects, sizes, generator)


def _images(
    population: Population, benign: np.ndarray, effects: np.ndarray, sizes: np.ndarray, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return labels, logits and patients of images; an effect makes all images of a patient and class easy or hard."""
    patients = np.repeat(np.arange(len(sizes)), sizes)
    labels = (generator.random(len(patients)) >= benign[patients]).astype(int)
    margins = _centre(population.accuracy, population.deviation) + effects[patients, labels]
    margins += logit(generator.random(len(patients)))
    return labels, np.where(labels == 1, margins, -margins), patients


@cache
def _centre(accuracy: float, deviation: float) -> float:
    """Return the mean of the margins at which this share of the images is right, averaged over all patients."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(101)
    weights = weights / weights.sum()
    return float(brentq(lambda centre: expit(centre + deviation * nodes) @ weights - accuracy, -5, 15))


@cache
def true_values(population: Population) -> dict[str, float]:
    """Return the measures of the whole population: of very many patients whose effects are spread evenly."""
    generator = np.random.default_rng(0)
    spread = ndtri((np.arange(TRUE_PATIENTS) + 0.5) / TRUE_PATIENTS)
    effects = population.deviation * np.stack([generator.permutation(spread) for _ in range(2)], axis=1)
    if population.mixed:
        benign = generator.beta(4 * BENIGN, 4 * (1 - BENIGN), size=TRUE_PATIENTS)
    else:
        benign = (generator.permutation(TRUE_PATIENTS) < BENIGN * TRUE_PATIENTS).astype(float)
    labels, logits, patients = _images(population, benign, effects, np.full(TRUE_PATIENTS, IMAGES), generator)
    names = [f"{patient:05d}" for patient in patients]
    found = measure(
        labels=labels, logits=logits[:, None], classes=("benign", "malignant"), groups=names, minority="benign"
    ).values
    return {name: value for name, value in found.items() if value is not None}
