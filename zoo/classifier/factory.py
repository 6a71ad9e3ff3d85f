"""Classifiers with fresh weights, and classifiers from bundles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import shorten

from torch import nn

from zoo.bundle.bundle_config import BundleConfig, PluginPackage
from zoo.bundle.bundle_files import read_weights
from zoo.classifier.classifier import Classifier
from zoo.classifier.resolve import resolve
from zoo.errors import BundleError, PluginError, UnknownNameError
from zoo.registry import Blueprint, build_network, outputs_for, registry
from zoo.spec import Scalar


def create_model(
    name: str,
    *,
    num_classes: int = 2,
    classes: Sequence[str] | None = None,
    options: Mapping[str, Scalar] | None = None,
) -> Classifier:
    """A classifier with fresh weights. Classes without names are numbered."""
    blueprint = registry().model(name).with_options(options or {})
    names = tuple(classes) if classes is not None else tuple(str(number) for number in range(num_classes))
    return from_blueprint(blueprint, names).eval()


def from_blueprint(blueprint: Blueprint, classes: Sequence[str]) -> Classifier:
    """Build the network and describe it."""
    owner = registry().plugins.owner(blueprint.architecture.name)
    config = BundleConfig(
        entry=blueprint.name,
        architecture=blueprint.architecture.name,
        plugin=PluginPackage(name=owner.name, distribution=owner.distribution, version=owner.version),
        options=dict(blueprint.options),
        head=blueprint.entry.head,
        classes=tuple(classes),
        preprocessing=blueprint.preprocessing,
    )
    return Classifier(blueprint.build(len(classes)), config)


def from_pretrained(model: str | Path, *, revision: str | None = None) -> Classifier:
    """A classifier from a run folder, a bundle folder or a Hub id. Strict, and runs nothing that lies there."""
    folder = resolve(model, revision=revision)
    config = BundleConfig.read(folder)
    network = _network(config, where=str(folder))
    try:
        network.load_state_dict(read_weights(folder), strict=True)
    except RuntimeError as error:
        raise BundleError(
            f"the weights do not fit the architecture {config.architecture!r}: {shorten(str(error), 400)}",
            where=str(folder),
            hint=f"the bundle was made with {_package(config)}; is yours another version?",
        ) from error
    classifier = Classifier(network, config).eval()
    classifier.home = folder
    return classifier


def _network(config: BundleConfig, *, where: str) -> nn.Module:
    try:
        architecture, plugin = registry().architecture(config.architecture)
    except UnknownNameError as error:
        broken = [f"{plugin.name}: {plugin.error}" for plugin in registry().plugins.broken]
        raise PluginError(
            f"no plugin here registers the architecture {config.architecture!r}",
            where=where,
            hint=f"install it: pip install {_package(config)}" + (f"\n  or mend {'; '.join(broken)}" if broken else ""),
        ) from error
    outputs = outputs_for(len(config.classes), config.head)
    return build_network(architecture, outputs, config.options, plugin=plugin)


def _package(config: BundleConfig) -> str:
    return f"'{config.plugin.distribution}=={config.plugin.version}'"
