"""A whole bundle with a tiny network, written without a training: what the hostile ones are made of."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from tests.bundles import make_provenance
from zoo import create_model
from zoo.baseline import Baseline
from zoo.baseline.image_statistics import STATISTICS
from zoo.baseline.logistic_regression import LogisticRegression
from zoo.bundle.bundle_files import write_report
from zoo.bundle.card import card
from zoo.bundle.seen import Seen
from zoo.calibration import Calibration, Novelty
from zoo.calibration.prediction_sets import ClassQuantiles
from zoo.classifier.novelty_detector import NoveltyDetector, unit_length
from zoo.config.plain import plain
from zoo.metrics.metrics_file import Metrics

CLASSES = ("benign", "malignant")
SIDE = 16
CALIBRATION = Calibration(
    images=40,
    patients=20,
    temperature=1.5,
    reason=None,
    best_threshold=0.4,
    quantiles=tuple(ClassQuantiles(patients=10, lowest=(0.9, 0.8, 0.2)) for _ in CLASSES),
    novelty=Novelty(layer="fc", neighbors=5, distance=1.5, contrast=1.0),
)


def write_sound_bundle(folder: Path, metrics: Metrics) -> Path:
    """Write a bundle with every file that a bundle can have, and return its folder."""
    generator = torch.Generator().manual_seed(0)
    torch.manual_seed(0)
    model = create_model("resnet20", classes=CLASSES, options={"depth": 8})
    model.config = replace(model.config, preprocessing=replace(model.config.preprocessing, height=SIDE, width=SIDE))
    model.calibration = CALIBRATION
    if CALIBRATION.novelty is not None:
        features = unit_length(torch.rand(20, 64, generator=generator))
        model.detector = NoveltyDetector(CALIBRATION.novelty, features)
    count = len(STATISTICS)
    regression = LogisticRegression(
        mean=np.zeros(count), scale=np.ones(count), weights=np.ones((2, count)), bias=np.zeros(2), penalty=0.1
    )
    seen = Seen.record([bytes(32)], ["patient 1"])
    model.describe_training(make_provenance(), seen=seen, baseline=Baseline(regression=regression, images=40))
    model.save(folder)
    write_report(folder, metrics=plain(metrics), card=card(model.config, metrics))
    return folder
