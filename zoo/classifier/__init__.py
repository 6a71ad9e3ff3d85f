"""What users hold in their hands: a network with its preprocessing and class names."""

from zoo.bundle.bundle_config import BundleConfig
from zoo.bundle.provenance import Provenance
from zoo.classifier.classifier import Classifier, Prediction
from zoo.classifier.factory import create_model, from_blueprint, from_pretrained
from zoo.classifier.verify import verify_bundle

__all__ = [
    "BundleConfig",
    "Classifier",
    "Prediction",
    "Provenance",
    "create_model",
    "from_blueprint",
    "from_pretrained",
    "verify_bundle",
]
