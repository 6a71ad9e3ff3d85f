"""A simple model to compare networks with: a logistic regression on color and texture statistics of the image."""

from zoo.baseline.baseline import Baseline, fit_baseline
from zoo.baseline.image_statistics import STATISTICS, image_statistics
from zoo.baseline.logistic_regression import LogisticRegression, fit_logistic_regression

__all__ = [
    "STATISTICS",
    "Baseline",
    "LogisticRegression",
    "fit_baseline",
    "fit_logistic_regression",
    "image_statistics",
]
