"""Classifiers: a network with its preprocessing and class names, fresh or from a bundle."""

from zoo.bundle.bundle_config import BundleConfig
from zoo.bundle.provenance import TRAINED_ELSEWHERE, Provenance
from zoo.classifier.classifier import Classifier
from zoo.classifier.explanation import Explanation
from zoo.classifier.explanation_check import ExplanationCheck, check_explanation
from zoo.classifier.factory import create_model, from_blueprint, from_pretrained
from zoo.classifier.prediction import Prediction
from zoo.classifier.publish import push
from zoo.data.images import ImageBatch, ImageLike

__all__ = [
    "TRAINED_ELSEWHERE",
    "BundleConfig",
    "Classifier",
    "Explanation",
    "ExplanationCheck",
    "ImageBatch",
    "ImageLike",
    "Prediction",
    "Provenance",
    "check_explanation",
    "create_model",
    "from_blueprint",
    "from_pretrained",
    "push",
]
