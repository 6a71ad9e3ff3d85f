"""Classifiers with fresh weights, and classifiers from bundles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch

from zoo.bundle.bundle_config import BundleConfig, PluginPackage
from zoo.bundle.bundle_files import CALIBRATION, CONFIG, WEIGHTS, ForeignConfigError
from zoo.bundle.calibration_file import read_calibration, read_novelty
from zoo.bundle.weights_file import stated_sha256
from zoo.classifier.bundle_network import bundle_network
from zoo.classifier.classifier import Classifier
from zoo.classifier.new_head import with_new_head
from zoo.classifier.novelty_detector import NoveltyDetector
from zoo.classifier.resolve import resolve
from zoo.classifier.timm_repository import is_timm, timm_classifier
from zoo.config.values import checked_argument
from zoo.device import choose_device
from zoo.errors import BundleError, UsageError
from zoo.hub.download_options import DownloadOptions
from zoo.hub.hub_cache import find_files
from zoo.hub.hub_name import hub_name
from zoo.nn.gradients_allowed import gradients_allowed
from zoo.registry import Blueprint, registry
from zoo.spec import Scalar
from zoo.text import quoted


def create_model(
    name: str,
    *,
    num_classes: int = 2,
    classes: Sequence[str] | None = None,
    options: Mapping[str, Scalar] | None = None,
) -> Classifier:
    """Return a classifier with fresh weights, in evaluation mode.

    Args:
        name: A model's name, as listed by `zoo.list_models`.
        num_classes: The number of classes; they are named "0", "1" and so on.
        classes: The names of the classes, in place of `num_classes`.
        options: Options of the architecture, as listed by `zoo show NAME`, in place of their defaults.

    Examples:
        >>> model = zoo.create_model("dala", classes=["benign", "malignant"], options={"gate": "sigmoid"})
        >>> model.predict("tile.png").label
        'benign'
    """
    if isinstance(classes, str):
        raise UsageError(f"classes must be a list of names, not {quoted(classes)}")
    num_classes = checked_argument("num_classes", num_classes, int)
    blueprint = registry().model(name).with_options(options or {})
    names = tuple(classes) if classes is not None else tuple(str(number) for number in range(num_classes))
    made = from_blueprint(blueprint, names).eval()
    made.remember_weights()
    return made


def from_blueprint(blueprint: Blueprint, classes: Sequence[str]) -> Classifier:
    """Return a classifier with fresh weights for a model that was looked up in the registry."""
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
    with gradients_allowed():
        return Classifier(blueprint.build(len(classes)), config)


def from_pretrained(
    model: str | Path,
    *,
    revision: str | None = None,
    token: str | None = None,
    cache_dir: str | Path | None = None,
    local_files_only: bool = False,
    force_download: bool = False,
    device: str | torch.device | None = None,
    num_classes: int | None = None,
) -> Classifier:
    """Return the classifier in a run folder, in a bundle folder or on the Hub, in evaluation mode.

    Only config and safetensors are read: no code from the bundle is run. Weights must fit the architecture exactly, and
    no others are downloaded. If the Hub cannot be reached, the copy that was downloaded earlier is used.

    Args:
        model: A run folder, a bundle folder, or a model on the Hub: its id, such as `you/dala-breakhis-40x`, the same
            with `@` and a revision, or its address in the browser.
        revision: A branch, a tag or a commit on the Hub; by default the newest commit.
        token: The access token for the Hub; by default the one of `hf auth login` or `HF_TOKEN`.
        cache_dir: The folder for downloads; by default the cache of the Hub's client.
        local_files_only: Send no request, and use what was downloaded earlier.
        force_download: Download everything again.
        device: Where to put the network: `auto`, `cpu`, `cuda`, or a torch device; by default the CPU.
        num_classes: Replace the head by a fresh one for this many classes, unless the model has as many; a
            `FreshHeadWarning` says so.

    Examples:
        >>> model = zoo.from_pretrained("runs/dala-breakhis-1")
        >>> model.classes
        ('benign', 'malignant')
        >>> zoo.from_pretrained("you/dala-breakhis-40x@v1", num_classes=4, device="cuda")
    """
    chosen = None if device is None else choose_device(str(device))
    options = DownloadOptions(
        revision=revision,
        token=token,
        cache_dir=cache_dir,
        local_files_only=local_files_only,
        force_download=force_download,
    )
    try:
        classifier = _from_bundle(resolve(model, options))
    except ForeignConfigError as error:
        classifier = _from_timm(model, options, error, num_classes=num_classes)
    if num_classes is not None:
        classifier = with_new_head(classifier, num_classes)
    return classifier if chosen is None else classifier.to(chosen)


def _from_timm(
    model: str | Path, options: DownloadOptions, error: ForeignConfigError, *, num_classes: int | None
) -> Classifier:
    """Return the classifier in a folder or a repository that timm wrote; raise the error if another program did."""
    folder = Path(model).expanduser()
    if not folder.exists():
        name = hub_name(str(model), revision=options.revision)
        if name is None:
            raise error
        options = options.at(name.revision)
        folder = find_files(name.repo, [CONFIG], options)
        if is_timm(folder):
            folder = find_files(name.repo, [CONFIG, WEIGHTS], options)
    if not is_timm(folder):
        raise error
    return timm_classifier(folder, where=str(model), num_classes=num_classes)


def _from_bundle(folder: Path) -> Classifier:
    """Return the classifier in a bundle."""
    config, weights_sha256 = BundleConfig.read(folder), stated_sha256(folder)
    with gradients_allowed():
        classifier = Classifier(bundle_network(config, folder), config).eval()
    classifier.bundle = folder.absolute()  # it is read again later, from whatever is then the working directory
    classifier.weights_sha256 = weights_sha256
    classifier.calibration = read_calibration(folder, classes=len(config.classes))
    classifier.detector = _detector(classifier, folder)
    return classifier


def _detector(classifier: Classifier, folder: Path) -> NoveltyDetector | None:
    """Return the detector of images that are unlike the training images; None if the bundle has none."""
    novelty = classifier.calibration.novelty
    if novelty is None:
        return None
    layer = dict(classifier.network.named_modules()).get(novelty.layer)
    features = getattr(layer, "in_features", getattr(layer, "in_channels", None))
    if not isinstance(features, int):
        raise BundleError(
            f"{CALIBRATION} names a layer that does not take these features: {quoted(novelty.layer)}",
            where=str(folder),
            hint="download the bundle again",
        )
    return NoveltyDetector(novelty, read_novelty(folder, features=features)).eval()
