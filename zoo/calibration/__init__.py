"""Calibration on validation images: temperature, decision threshold, and prediction sets with a stated coverage."""

from zoo.calibration.prediction_sets import PredictionSets, calibrate_prediction_sets
from zoo.calibration.temperature import fit_temperature
from zoo.calibration.threshold import choose_threshold

__all__ = ["PredictionSets", "calibrate_prediction_sets", "choose_threshold", "fit_temperature"]
