"""Predictions for any number of image files: folders, several models, symmetries, tables that can be resumed."""

from zoo.batch_prediction.image_paths import ImagePaths
from zoo.batch_prediction.predict import ImagePrediction, make_ensemble, predict, predict_files

__all__ = ["ImagePaths", "ImagePrediction", "make_ensemble", "predict", "predict_files"]
