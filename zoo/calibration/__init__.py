"""Calibration on validation images: temperature, decision threshold, prediction sets, and when not to answer."""

from zoo.calibration.calibration import UNCALIBRATED, Calibration
from zoo.calibration.novelty import Novelty
from zoo.calibration.prediction_sets import ClassQuantiles, class_quantiles, prediction_sets
from zoo.calibration.temperature import fit_temperature
from zoo.calibration.threshold import choose_threshold

__all__ = [
    "UNCALIBRATED",
    "Calibration",
    "ClassQuantiles",
    "Novelty",
    "choose_threshold",
    "class_quantiles",
    "fit_temperature",
    "prediction_sets",
]
