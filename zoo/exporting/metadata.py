"""What an exported file says about its model: classes, preprocessing, temperature, and where it comes from."""

from __future__ import annotations

import json

from zoo.bundle.provenance import TRAINED_ELSEWHERE
from zoo.classifier import Classifier
from zoo.config.plain import plain
from zoo.version import __version__

NOTICE = "For research. Not a medical device."


def export_metadata(classifier: Classifier) -> dict[str, str]:
    """Return texts by key; `classes` and `preprocessing` are JSON, in ASCII whatever the names of the classes are."""
    config, training = classifier.config, classifier.config.last_training
    metadata = {
        "histozoo_version": __version__,
        "model": config.entry,
        "architecture": config.architecture,
        "options": json.dumps(plain(config.options)),
        "classes": json.dumps(list(config.classes)),
        "preprocessing": json.dumps(plain(config.preprocessing)),
        "temperature": repr(classifier.temperature),
        "notice": NOTICE,
    }
    if len(config.classes) == 2:
        metadata["threshold"] = repr(classifier.calibration.threshold)
    if classifier.weights_sha256 is not None:
        metadata["weights_sha256"] = classifier.weights_sha256
    head = "; then its head was replaced by a fresh one, whose predictions mean nothing" if config.fresh_head else ""
    if training is None:
        unknown = "not known: histozoo has not trained these weights"
        unknown = f"{TRAINED_ELSEWHERE}{head}" if config.fresh_head else unknown
        fresh_weights = "nothing: these are fresh weights, whose predictions mean nothing"
        metadata["trained_on"] = fresh_weights if classifier.seen is None else unknown
    else:
        drawn = ", drawn by a program" if training.data.synthetic else ""
        since = f"; then {TRAINED_ELSEWHERE}" if config.elsewhere else ""
        metadata["trained_on"] = f"{training.data.name}{drawn}{since}{head}"
        if training.init.license:
            metadata["initial_weights_license"] = training.init.license
    return metadata
