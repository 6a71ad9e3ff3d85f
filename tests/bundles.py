"""Bundles made by hand, and a Hub to send them to: fixtures for every test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.hub.double import hub
from zoo.bundle.bundle_files import read_config, write_bundle, write_report
from zoo.bundle.card import card
from zoo.metrics import measure

__all__ = ["hub"]

Make = Callable[..., Any]


@pytest.fixture
def config() -> Make:
    """A config as a training writes it; keywords change parts of it."""

    def make(
        *, init: dict[str, Any] | None = None, split: dict[str, Any] | None = None, synthetic: bool = False
    ) -> dict[str, Any]:
        return {
            "library_version": "0.1.0",
            "entry": "tiny",
            "architecture": "tiny",
            "plugin": {"name": "tiny", "distribution": "histozoo", "version": "0.1.0"},
            "options": {"width": 8},
            "head": "softmax",
            "classes": ["benign", "malignant"],
            "preprocessing": {
                "height": 32,
                "width": 48,
                "mean": [0.5, 0.5, 0.5],
                "std": [0.2, 0.2, 0.2],
                "interpolation": "bilinear",
                "fit": "squash",
            },
            "training": {
                "recipe": {
                    "name": "modern",
                    "summary": "Ours.",
                    "readings": [],
                    "optimizer": "adamw",
                    "lr": 0.001,
                    "schedule": "cosine",
                    "batch_size": 32,
                    "weight_decay": 0.05,
                    "class_weights": "none",
                    "augment": ["flip", "turn"],
                    "select": "balanced_accuracy",
                },
                "data": {
                    "source": "sample" if synthetic else "breakhis",
                    "name": "built-in sample" if synthetic else "BreakHis 40x",
                    "synthetic": synthetic,
                    "fingerprint": "a1b2c3d4",
                    "options": {"magnification": 40},
                },
                "split": {
                    "unit": "patient",
                    "seed": 7,
                    "fractions": [0.6, 0.1, 0.3],
                    "images": {"train": 1200, "val": 200, "test": 600},
                    "patients": {"train": 49, "val": 8, "test": 25},
                    **(split or {}),
                },
                "seed": 3,
                "init": {
                    "asked": "auto",
                    "used": "scratch",
                    "repo": None,
                    "revision": None,
                    "licence": None,
                    "note": "pretrained weights could not be had (the Hub cannot be reached)",
                    **(init or {}),
                },
                "epochs_run": 5,
                "best_epoch": 4,
                "parameters": 123456,
                "device": "cpu, float32",
                "versions": {"histozoo": "0.1.0", "torch": "2.10", "python": "3.11"},
            },
        }

    return make


@pytest.fixture
def metrics() -> Make:
    """Measured numbers of a made-up test part, in the form of metrics.json."""

    def make(*, unit: str = "patient", synthetic: bool = False, classes: int = 2) -> dict[str, Any]:
        labels = [index % classes for index in range(60)]
        sure = [0.9 if index % 7 else 0.1 for index in range(60)]
        rest = [(1 - p) / (classes - 1) for p in sure]
        rows = [[p if k == y else q for k in range(classes)] for y, p, q in zip(labels, sure, rest, strict=True)]
        measures = measure(
            labels=labels,
            probabilities=rows,
            classes=["benign", "malignant", "other"][:classes],
            groups=[f"patient {index // 3}" for index in range(60)],
            resamples=60,
        )
        return {
            "data": {
                "source": "sample" if synthetic else "breakhis",
                "name": "built-in sample" if synthetic else "BreakHis 40x",
                "synthetic": synthetic,
                "fingerprint": "a1b2c3d4",
            },
            "split": {"unit": unit, "seed": 7, "part": "test"},
            "training_seed": 3,
            "measures": measures.as_dict(),
        }

    return make


@pytest.fixture
def bundle(tmp_path: Path, config: Make, metrics: Make) -> Make:
    """A whole bundle: small weights, card and numbers. The same `seed` gives the same bytes."""

    def make(name: str = "bundle", *, seed: int = 0, report: bool = True) -> Path:
        generator = torch.Generator().manual_seed(seed)
        folder = tmp_path / name
        folder.parent.mkdir(parents=True, exist_ok=True)
        write_bundle(
            folder,
            config=config(),
            tensors={"head.weight": torch.rand(64, 64, generator=generator)},
            golden={"input": torch.rand(1, 3, 4, 4, generator=generator), "logits": torch.zeros(1, 2)},
        )
        if report:
            write_report(folder, metrics=metrics(), card=card(read_config(folder), metrics()))
        return folder

    return make
