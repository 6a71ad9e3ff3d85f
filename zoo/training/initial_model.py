"""A trained model whose weights training starts from: found before any work, compared, and loaded."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn

from zoo.bundle.bundle_config import BundleConfig
from zoo.bundle.bundle_files import read_config
from zoo.bundle.provenance import TRAINED_ELSEWHERE, InitialModel, InitialWeights
from zoo.bundle.seen import Seen, read_seen
from zoo.bundle.weights_file import check_weights, read_weights, weights_header
from zoo.classifier.head_parameters import network_shapes
from zoo.classifier.resolve import resolve
from zoo.config.plain import plain
from zoo.config.train_config import INITIAL_WEIGHTS
from zoo.data.source_lookup import check_patient_names
from zoo.errors import BundleError, ZooError, similar_name
from zoo.hub.hub_name import read_hub_name
from zoo.progress import Reporter
from zoo.registry import Blueprint, outputs_for
from zoo.runs import named_folder
from zoo.spec import Scalar
from zoo.text import cut_short, one_line
from zoo.training.finetuning import head_parameters
from zoo.training.plan import Plan

MOST_TENSORS = 4
"""How many tensors an error names."""


@dataclass(frozen=True, kw_only=True)
class FoundModel:
    """A trained model on disk."""

    name: str
    """A Hub id, or the name of the folder."""
    folder: Path
    config: BundleConfig
    on_hub: bool

    @property
    def trained_on(self) -> str:
        """The name of the data set, and what became of the weights since."""
        training = self.config.last_training
        head = ", then its head replaced by a fresh one" if self.config.fresh_head else ""
        if training is None:
            return "not trained" if read_seen(self.folder) is None else f"{TRAINED_ELSEWHERE}{head}"
        drawn = ", drawn by a program" if training.data.synthetic else ""
        since = f", then {TRAINED_ELSEWHERE}" if self.config.elsewhere else ""
        return f"trained on {one_line(training.data.name)}{drawn}{since}{head}"

    def seen(self) -> Seen | None:
        """Return what it was trained on, with the name of the data source; None for a model that was not trained.

        A classifier whose head was replaced has not been trained since, but its other layers have.
        """
        found, training = read_seen(self.folder), self.config.last_training
        if training is None:
            return found
        return Seen.unknown() if found is None else replace(found, source=training.data.source)


def planned_initial_model(plan: Plan, progress: Reporter) -> FoundModel | None:
    """Return the model that a training is to start from; None if it starts from none.

    An error is raised if it does not fit, or if it is not known which of the patients it has seen.
    """
    if plan.config.model.initial_model is None:
        return None
    found = find_initial_model(plan.config.model.initial_model, plan.blueprint, progress)
    training = found.config.last_training
    if training and training.data.source == plan.source.name:
        check_patient_names(plan.source, plan.source_options, trained=training.data.options)
    return found


def find_initial_model(model: str, blueprint: Blueprint, progress: Reporter) -> FoundModel:
    """Return the model that training is to start from, downloaded if it is on the Hub; an error if it does not fit.

    Args:
        model: A run folder, a bundle folder, or a Hub id.
        blueprint: The model to train.
        progress: Receives messages.
    """
    try:
        folder = resolve(model, progress=progress)
    except ZooError as error:
        hint = similar_name(model, INITIAL_WEIGHTS) or error.hint
        raise type(error)(f"init: {error.message}", where=error.where, hint=hint) from error
    config = BundleConfig.read(folder)
    path = Path(model).expanduser()
    found = FoundModel(name=_name(path, model), folder=folder, config=config, on_hub=not path.exists())
    _check_fit(found, blueprint, {name: torch.Size(info.shape) for name, info in weights_header(folder).items()})
    check_weights(folder)
    return found


def load_initial_model(
    network: nn.Module, found: FoundModel, blueprint: Blueprint, classes: Sequence[str], progress: Reporter
) -> tuple[InitialWeights, Seen | None]:
    """Load the weights of a trained model into a new network; return what they are, and what that model has seen.

    Args:
        network: The network, with fresh weights. It keeps those of its head if the classes differ.
        found: The trained model.
        blueprint: The model to train, with its preprocessing.
        classes: The names of the new classes.
        progress: Receives what was loaded, and what differs.
    """
    tensors, config, training = read_weights(found.folder), found.config, found.config.last_training
    if damaged := [name for name, tensor in tensors.items() if not tensor.isfinite().all()]:
        what = cut_short(damaged, MOST_TENSORS)
        raise BundleError(f"these weights contain NaN or infinity: {what}", where=found.name)
    same_head = config.classes == tuple(classes) and config.head == blueprint.entry.head
    head: Collection[str] = () if same_head else head_parameters(blueprint, len(classes))
    _load(network, tensors, head)
    differences = tuple(_differences(config, blueprint))
    progress.say(f"initial weights: those of {found.name} ({config.entry}, {found.trained_on})")
    if not same_head:
        progress.say(
            f"its head is replaced by a fresh one: its classes are {cut_short(config.classes, 8)}, "
            f"and the new ones {cut_short(tuple(classes), 8)}"
        )
    for line in differences:
        progress.say(f"it differs in {line}")
    seen = found.seen()
    if seen is not None and not seen.complete:
        progress.say(
            f"{found.name} does not say which images it was trained on, so the images to test on may be among them: "
            "the results will be marked as possibly leaked"
        )
    earlier = training.init if training else None
    weights = InitialWeights(
        asked=found.name,
        used=f"{config.entry}, {found.trained_on}",
        repo=found.name if found.on_hub else None,
        revision=found.folder.name if found.on_hub else None,
        license=one_line(earlier.license) if earlier and earlier.license else None,
        fresh=tuple(name for name in network.state_dict() if name in head),
        model=InitialModel(
            name=found.name,
            entry=config.entry,
            sha256=str(read_config(found.folder)["weights"]["sha256"]),
            data=one_line(training.data.name) if training else None,
            synthetic=bool(training and training.data.synthetic),
            head="kept" if same_head else "replaced",
            differences=differences,
            seen=None if seen is None else seen.digest,
            fresh_head=config.fresh_head or None,
            trained_elsewhere=config.elsewhere or None,
        ),
    )
    return weights, seen


def _name(path: Path, model: str) -> str:
    """Return the name of a model: that of its run or else of its folder, or the Hub id without the revision."""
    if not path.exists():
        name = read_hub_name(model)
        return model if name is None else name.repo  # its commit is stated separately
    return named_folder(path).name


def _check_fit(found: FoundModel, blueprint: Blueprint, saved: Mapping[str, torch.Size]) -> None:
    """Raise a BundleError that names the first tensors that differ, if weights do not fit a model but for its head."""
    config, head = found.config, head_parameters(blueprint, 2)
    outputs = outputs_for(2, blueprint.entry.head)
    new = network_shapes(blueprint.architecture, blueprint.options, outputs=outputs, plugin=blueprint.plugin)
    either = [name for name in {**new, **dict(sorted(saved.items()))} if name not in head]
    names = [name for name in either if saved.get(name) != new.get(name)]
    names.sort(key=lambda name: name.endswith("num_batches_tracked"))  # the least telling come last
    different = [_difference(name, saved.get(name), new.get(name)) for name in names]
    if not different and config.architecture == blueprint.architecture.name:
        return
    theirs = _described(config.architecture, config.options)
    ours = _described(blueprint.architecture.name, blueprint.options)
    tensors = cut_short(different, MOST_TENSORS, separator="\n  ")
    raise BundleError(
        f"these weights do not fit {blueprint.name}: they are of {theirs}, and this is {ours}"
        + (f"\n  {tensors}" if different else ", although all tensors have the same shapes"),
        where=found.name,
        hint=f"train {config.entry} with the same --model-option, or leave out --init",
    )


def _difference(name: str, saved: torch.Size | None, new: torch.Size | None) -> str:
    """Return how a tensor differs, as text."""
    shapes = ["missing" if shape is None else "x".join(map(str, shape)) or "one number" for shape in (saved, new)]
    return f"{one_line(name)}: {shapes[0]} there, {shapes[1]} here"


def _described(architecture: str, options: Mapping[str, Scalar]) -> str:
    """Return an architecture with its options, such as "small_resnet (depth=20)"."""
    values = ", ".join(f"{name}={value}" for name, value in options.items())
    return one_line(f"{architecture} ({values})" if values else architecture)


def _load(network: nn.Module, tensors: Mapping[str, Tensor], head: Collection[str]) -> None:
    """Load all tensors but those of the head."""
    kept = {name: tensor for name, tensor in tensors.items() if name not in head}
    missing, unexpected = network.load_state_dict(kept, strict=False)
    if wrong := [name for name in (*missing, *unexpected) if name not in head]:
        raise BundleError(f"these weights do not fit the network: {cut_short(wrong, MOST_TENSORS)}")


def _differences(config: BundleConfig, blueprint: Blueprint) -> list[str]:
    """Return a line for each setting of the preprocessing, and each option, that a trained model has otherwise."""
    before, now = plain(config.preprocessing), plain(blueprint.preprocessing)
    options = {**config.options, **blueprint.options}
    pairs = [(name, before[name], now[name]) for name in before]
    pairs += [(name, config.options.get(name), blueprint.options.get(name)) for name in options]
    return [f"{name}: {old} there, {new} here" for name, old, new in pairs if old != new]
