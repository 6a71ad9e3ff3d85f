"""Bundles made by hand, and a Hub to send them to: fixtures for every test."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Literal

import pytest
import torch

from tests.hub.fake_hub import hub
from zoo.bundle.bundle_config import BundleConfig, PluginPackage
from zoo.bundle.bundle_files import write_bundle, write_report
from zoo.bundle.card import card
from zoo.bundle.provenance import (
    InitialWeights,
    PartSizes,
    Provenance,
    TrainingDataset,
    TrainingOutcome,
    TrainingSplit,
    Versions,
)
from zoo.config.plain import plain
from zoo.config.recipe import Recipe
from zoo.metrics import measure
from zoo.metrics.metrics_file import DatasetInfo, EvaluatedPart, Metrics
from zoo.spec import Preprocessing

__all__ = ["hub"]

Make = Callable[..., Any]
write_uncalibrated = partial(write_bundle, baseline=None, calibration=None, novelty=None)
"""Writes a bundle with the weights and the record of what was seen alone."""


def make_provenance() -> Provenance:
    """The provenance that a training on a part of BreakHis states; `dataclasses.replace` changes it."""
    return Provenance(
        recipe=Recipe(
            name="modern",
            summary="Ours.",
            optimizer="adamw",
            lr=0.001,
            schedule="cosine",
            batch_size=32,
            weight_decay=0.05,
            augment=("symmetries", "crop"),
        ),
        data=TrainingDataset(
            source="breakhis",
            name="BreakHis 40x",
            synthetic=False,
            fingerprint="a1b2c3d4",
            options={"magnification": 40},
            images={"benign": 800, "malignant": 1200},
            unreadable=0,
        ),
        split=TrainingSplit(
            unit="patient",
            seed=7,
            fractions=(0.6, 0.1, 0.3),
            folds=None,
            fold=0,
            file=False,
            images=PartSizes(train=1200, val=200, test=600),
            patients=PartSizes(train=49, val=8, test=25),
            identical=None,
            leak=None,
        ),
        seed=3,
        init=InitialWeights(
            asked="auto",
            used="scratch",
            note="pretrained weights could not be downloaded (the Hub cannot be reached)",
        ),
        parameters=123456,
        device="cpu, float32",
        versions=Versions(histozoo="0.1.0", torch="2.10", python="3.11"),
        outcome=TrainingOutcome(
            epochs_run=5,
            best_epoch=4,
            seconds=10.5,
            seconds_to_best=8.25,
            images_per_second=571.5,
            peak_memory_bytes=1_000_000,
            energy_joules=None,
        ),
    )


@pytest.fixture
def provenance() -> Provenance:
    return make_provenance()


@pytest.fixture
def config() -> BundleConfig:
    """The configuration that a training writes."""
    return BundleConfig(
        library_version="0.1.0",
        entry="tiny",
        architecture="tiny",
        plugin=PluginPackage(name="tiny", distribution="histozoo", version="0.1.0"),
        options={"width": 8},
        head="softmax",
        classes=("benign", "malignant"),
        preprocessing=Preprocessing(height=32, width=48, mean=(0.5, 0.5, 0.5), std=(0.2, 0.2, 0.2)),
        training=make_provenance(),
    )


@pytest.fixture
def metrics() -> Make:
    """Metrics of a made-up test part."""

    def make(
        *, unit: Literal["patient", "image", "fixed"] = "patient", synthetic: bool = False, classes: int = 2
    ) -> Metrics:
        labels = [index % classes for index in range(60)]
        sure = [0.9 if index % 7 else 0.1 for index in range(60)]
        rest = [(1 - p) / (classes - 1) for p in sure]
        rows = [[p if k == y else q for k in range(classes)] for y, p, q in zip(labels, sure, rest, strict=True)]
        return Metrics(
            data=DatasetInfo(
                source="sample" if synthetic else "breakhis",
                name="built-in sample" if synthetic else "BreakHis 40x",
                synthetic=synthetic,
                fingerprint="a1b2c3d4",
            ),
            split=EvaluatedPart(unit=unit, seed=7, part="test"),
            training_seed=3,
            measures=measure(
                labels=labels,
                probabilities=rows,
                classes=["benign", "malignant", "other"][:classes],
                groups=[f"patient {index // 3}" for index in range(60)],
            ),
        )

    return make


@pytest.fixture
def bundle(tmp_path: Path, config: BundleConfig, metrics: Make) -> Make:
    """A whole bundle: small weights, card and numbers. The same `seed` gives the same bytes."""

    def make(name: str = "bundle", *, seed: int = 0, report: bool = True) -> Path:
        generator = torch.Generator().manual_seed(seed)
        folder = tmp_path / name
        folder.parent.mkdir(parents=True, exist_ok=True)
        write_uncalibrated(
            folder,
            config=config.to_json(),
            tensors={"head.weight": torch.rand(64, 64, generator=generator)},
            golden={"input": torch.rand(1, 3, 4, 4, generator=generator), "logits": torch.zeros(1, 2)},
            seen={"format": 1, "salt": "5a" * 16, "cost": 10, "images": "AAAAAAAAAAE=", "patients": None},
        )
        if report:
            write_report(folder, metrics=plain(metrics()), card=card(BundleConfig.read(folder), metrics()))
        return folder

    return make
