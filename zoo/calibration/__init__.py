"""Calibration on validation images: temperature, decision threshold, and prediction sets with a stated coverage."""

from zoo.calibration.calibration import UNCALIBRATED, Calibration
from zoo.calibration.prediction_sets import ClassQuantiles, class_quantiles, prediction_sets
from zoo.calibration.temperature import fit_temperature
from zoo.calibration.threshold import choose_threshold

__all__ = [
    "UNCALIBRATED",
    "Calibration",
    "ClassQuantiles",
    "choose_threshold",
    "class_quantiles",
    "fit_temperature",
    "prediction_sets",
]
