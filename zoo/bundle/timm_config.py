"""What config.json states for timm, so that `timm.create_model("hf-hub:you/name", pretrained=True)` loads a bundle."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from zoo.errors import UnknownNameError
from zoo.registry import outputs_for, registry
from zoo.spec import TimmModel

if TYPE_CHECKING:
    from zoo.bundle.bundle_config import BundleConfig

OWN_NAME = "histozoo_architecture"
"""The key of the architecture's name in histozoo, where timm has another name for it, which is under `architecture`."""
KEYS = ("num_classes", "label_names", "model_args", "pretrained_cfg")
"""The other keys, which timm reads; histozoo has the same facts under keys of its own."""


def timm_model(config: BundleConfig) -> TimmModel | None:
    """Return the network of timm that a bundle's network is; None if timm has none that computes the same."""
    try:
        architecture, _ = registry().architecture(config.architecture)
    except UnknownNameError:
        return None
    model, size = architecture.timm, config.preprocessing
    if model is None or any(config.options.get(name) != value for name, value in model.options.items()):
        return None
    if model.largest_side is not None and max(size.height, size.width) > model.largest_side:
        return None
    return model


def timm_document(config: BundleConfig) -> dict[str, Any]:
    """Return the keys that timm reads; for a network that timm does not have, only the number and names of outputs."""
    outputs = outputs_for(len(config.classes), config.head)
    labels = list(config.classes[-outputs:])  # a single output is about the second class
    document: dict[str, Any] = {"num_classes": outputs, "label_names": labels}
    model = timm_model(config)
    if model is None:
        return document
    name = model.name.format(**config.options)
    own = {} if name == config.architecture else {OWN_NAME: config.architecture}
    given = "{}" if model.arguments_option is None else str(config.options[model.arguments_option])
    arguments = {**model.arguments, **json.loads(given)}
    size = config.preprocessing
    pretrained = {
        "input_size": [3, size.height, size.width],
        "fixed_input_size": False,
        "interpolation": size.interpolation,
        "crop_pct": size.crop_pct,
        "crop_mode": {"squash": "squash", "crop": "center"}[size.fit],
        "mean": list(size.mean),
        "std": list(size.std),
        "num_classes": outputs,
        **({"classifier": model.classifier, "first_conv": model.first_conv} if model.classifier else {}),
    }
    return {
        **document,
        "architecture": name,
        **own,
        **({"model_args": arguments} if arguments else {}),
        "pretrained_cfg": pretrained,
    }


def without_timm(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return config.json without the keys that timm reads, with the architecture's own name."""
    values = {key: value for key, value in document.items() if key not in (*KEYS, OWN_NAME)}
    if OWN_NAME in document:
        values["architecture"] = document[OWN_NAME]
    return values
