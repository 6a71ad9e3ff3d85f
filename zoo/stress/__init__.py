"""How a model's measures change when its images are degraded."""

from zoo.stress.perturbations import PERTURBATIONS, Perturbation
from zoo.stress.stress_test import stress_test

__all__ = ["PERTURBATIONS", "Perturbation", "stress_test"]
