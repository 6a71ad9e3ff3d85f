from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

import zoo
from zoo import Classifier
from zoo.exporting.export import Exported
from zoo.registry import registry

CLASSES = ["benign, or not", 'mali"gn\\nant 癌 \U0001f9ec <b>']
"""Names that a careless writer of metadata breaks."""


def tiny(classes: list[str] = CLASSES) -> Classifier:
    """A network with fresh weights for images of 12 x 16 pixels."""
    torch.manual_seed(0)
    model = zoo.create_model("resnet20", classes=classes, options={"depth": 8})
    model.config = replace(model.config, preprocessing=replace(model.config.preprocessing, height=12, width=16))
    return model


def tiny_sigmoid() -> Classifier:
    """The same with one output."""
    torch.manual_seed(0)
    network = registry().model("resnet20").with_options({"depth": 8}).build(2)
    network.fc = torch.nn.Linear(64, 1)
    return Classifier(network, replace(tiny().config, head="sigmoid")).eval()


@pytest.fixture(scope="session")
def tiny_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny().save(tmp_path_factory.mktemp("tiny") / "bundle")


@pytest.fixture(scope="session")
def onnx_file(tiny_bundle: Path) -> Exported:
    """The only ONNX file of these tests: the exporter takes seconds to import."""
    return zoo.export(tiny_bundle, tiny_bundle.with_name("model.onnx"))


@pytest.fixture(scope="session")
def pt2_file(tiny_bundle: Path) -> Exported:
    return zoo.export(tiny_bundle, tiny_bundle.with_name("model.pt2"))
