"""A classifier from a repository that timm wrote: its network, its preprocessing and its labels."""

from __future__ import annotations

import json
import warnings
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from zoo.bundle.bundle_config import BundleConfig, PluginPackage
from zoo.bundle.bundle_file import bundle_file
from zoo.bundle.bundle_files import CONFIG, MAX_CONFIG_BYTES
from zoo.bundle.seen import Seen
from zoo.bundle.weights_file import weights_header
from zoo.classifier.bundle_network import bundle_network
from zoo.classifier.classifier import Classifier
from zoo.classifier.head_parameters import head_parameters, network_shapes
from zoo.errors import BundleError, FreshHeadWarning, PluginError, UsageError
from zoo.files import read_json
from zoo.nn.gradients_allowed import gradients_allowed
from zoo.registry import registry
from zoo.spec import Architecture, Fit, Preprocessing
from zoo.text import quoted

IMAGENET_CLASSES = 1000
_FITS: Mapping[str, Fit] = {"center": "crop", "squash": "squash"}
_ANY = "{name}"


def is_timm(folder: Path) -> bool:
    """Return whether the config.json in a folder is one that timm wrote."""
    path = bundle_file(folder, CONFIG)
    try:
        document = None if path is None else read_json(path, at_most=MAX_CONFIG_BYTES)
    except (OSError, ValueError):
        return False
    if not isinstance(document, dict) or not isinstance(document.get("architecture"), str):
        return False
    return isinstance(document.get("pretrained_cfg"), dict) or "input_size" in document


def timm_classifier(folder: Path, *, where: str, num_classes: int | None = None) -> Classifier:
    """Return the classifier in a folder that timm wrote, in evaluation mode.

    A network without a head, which returns features, gets a fresh one, with a `FreshHeadWarning`.

    Args:
        folder: The folder with its config.json and its model.safetensors.
        where: The repository or the folder, for errors.
        num_classes: The number of classes for a network without a head.
    """
    fresh: Collection[str] = ()
    try:
        document = read_json(folder / CONFIG, at_most=MAX_CONFIG_BYTES)
        if headless := _outputs(document) == 0:
            document = _with_head(document, num_classes)
        config = _config(document, folder)
    except (OSError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise BundleError(f"the {CONFIG} of timm cannot be read: {error}", where=where) from error
    except UsageError as error:
        message = f"the {CONFIG} of timm cannot be read: {error.message}"
        raise BundleError(message, where=where, hint=error.hint) from error
    if headless:
        architecture, plugin = registry().architecture(config.architecture)
        fresh = head_parameters(architecture, config.options, outputs=len(config.classes), plugin=plugin)
        warnings.warn(
            FreshHeadWarning(f"{where} has no head: it gets a fresh one for {len(config.classes)} classes"),
            stacklevel=4,
        )
        config = replace(config, earlier_elsewhere=True)
    else:
        config = replace(config, trained_elsewhere=True)
    with gradients_allowed():
        classifier = Classifier(bundle_network(config, folder, stated=False, fresh=fresh), config).eval()
    classifier.remember_seen(Seen.unknown())  # it was trained, on images that the repository does not list
    if headless:
        classifier.remember_weights()
    return classifier


def _outputs(document: Mapping[str, Any]) -> Any:
    """Return the number of outputs that a config.json of timm states."""
    return document.get("num_classes", document.get("pretrained_cfg", document).get("num_classes", 0))


def _with_head(document: Mapping[str, Any], num_classes: int | None) -> dict[str, Any]:
    """Return the config.json of a network without a head, with `num_classes` outputs."""
    if num_classes is None:
        raise UsageError("the network has no head, and returns features", hint="num_classes=2 gives it a fresh one")
    return {**document, "num_classes": num_classes}


def _config(document: Mapping[str, Any], folder: Path) -> BundleConfig:
    """Return the configuration of the classifier that a config.json of timm describes."""
    facts = {**document, **document.get("pretrained_cfg", {})}
    name = document["architecture"]
    given = dict(document.get("model_args") or {})
    arguments = {key: value for key, value in given.items() if key not in ("in_chans", "num_classes")}
    outputs = _outputs(document)
    labels = document.get("label_names") or facts.get("label_names") or facts.get("labels")
    if not isinstance(outputs, int) or outputs < 2:
        raise UsageError(f"the network has {quoted(outputs)} outputs, so it is no classifier")
    classes = _labels(labels, outputs, facts)
    architecture, options = _architecture(name, arguments, len(classes), folder)
    owner = registry().plugins.owner(architecture.name)
    return BundleConfig(
        entry=name,
        architecture=architecture.name,
        plugin=PluginPackage(name=owner.name, distribution=owner.distribution, version=owner.version),
        options=options,
        head="softmax",
        classes=classes,
        preprocessing=_preprocessing(facts),
    )


def _architecture(
    name: str, arguments: Mapping[str, Any], outputs: int, folder: Path
) -> tuple[Architecture, Mapping[str, Any]]:
    """Return the architecture of the zoo that is this network and has the same weights, or else any network of timm."""
    found = registry().architectures()
    header = weights_header(folder)
    for architecture, plugin in found:
        timm = architecture.timm
        if timm is None or timm.name != name or arguments not in ({}, {"global_pool": "avg"}):
            continue
        options = {key: option.default for key, option in architecture.options.items()}
        shapes = network_shapes(architecture, options, outputs=outputs, plugin=plugin)
        if {key: tuple(shape) for key, shape in shapes.items()} == {key: info.shape for key, info in header.items()}:
            return architecture, options
    for architecture, _ in found:
        if architecture.timm is not None and architecture.timm.name == _ANY:
            return architecture, {"name": name, "arguments": json.dumps(arguments)}
    raise PluginError("no installed plugin builds networks of timm by name", hint="zoo plugins")


def _labels(labels: Any, outputs: int, facts: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of the classes: those in the repository, ImageNet's, or numbers."""
    if isinstance(labels, dict):
        numbered = all(str(key).isdecimal() for key in labels)  # as text, in whatever order: "10" may be before "2"
        labels = [labels[key] for key in (sorted(labels, key=int) if numbered else labels)]
    if isinstance(labels, list) and len(labels) == outputs and all(isinstance(label, str) for label in labels):
        described = facts.get("label_descriptions")
        if isinstance(described, dict) and all(isinstance(described.get(label), str) for label in labels):
            return _distinct([described[label] for label in labels], labels)
        return _distinct(labels, list(map(str, range(outputs))))
    if outputs == IMAGENET_CLASSES:
        from timm.data import ImageNetInfo

        info = ImageNetInfo()
        synsets = [info.index_to_label_name(number) for number in range(outputs)]
        return _distinct([info.index_to_description(number) for number in range(outputs)], synsets)
    return tuple(map(str, range(outputs)))


def _distinct(names: Sequence[str], otherwise: Sequence[str]) -> tuple[str, ...]:
    """Return names on one line each; one that occurs twice is followed by another name of the same class."""
    lines = [" ".join(name.split())[:200] for name in names]
    times = Counter(lines)
    return tuple(
        line if times[line] == 1 and line else f"{line} ({other})".strip()
        for line, other in zip(lines, otherwise, strict=True)
    )


def _preprocessing(facts: Mapping[str, Any]) -> Preprocessing:
    """Return how timm resizes and normalizes the images of a network."""
    channels, height, width = facts["input_size"]
    mode, interpolation = facts.get("crop_mode") or "center", facts.get("interpolation") or "bicubic"
    if channels != 3:
        raise UsageError(f"the network takes images of {quoted(channels)} channels, not 3")
    if mode not in _FITS or interpolation not in ("bilinear", "bicubic", "random"):
        raise UsageError(f"images would be resized by {quoted(interpolation)} and {quoted(mode)}, which are not known")
    mean, std = (tuple(map(float, facts[key])) for key in ("mean", "std"))
    if len(mean) != 3 or len(std) != 3:
        raise UsageError("mean and std must have three numbers each")
    return Preprocessing(
        height=int(height),
        width=int(width),
        mean=(mean[0], mean[1], mean[2]),
        std=(std[0], std[1], std[2]),
        interpolation="bicubic" if interpolation == "bicubic" else "bilinear",
        fit=_FITS[mode],
        crop_pct=float(facts.get("crop_pct") or 0.875),
    )
