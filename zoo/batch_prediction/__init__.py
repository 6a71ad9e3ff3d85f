"""Predictions for any number of image files: folders, several models, symmetries, tables that can be resumed."""

from zoo.batch_prediction.image_paths import ImagePaths
from zoo.batch_prediction.predict import ImagePrediction, predict

__all__ = ["ImagePaths", "ImagePrediction", "predict"]
