"""Checks of building a network."""

from __future__ import annotations

import torch

from zoo.errors import PluginError
from zoo.spec import Scalar
from zoo.testing.case import Case
from zoo.testing.side_effects import recorded_side_effects


def builds_without_access(case: Case) -> None:
    """Building a network opens no file, no connection and no program."""
    if case.rebuilt.accesses:
        raise PluginError(
            f"building {case.rebuilt.accesses[0]}",
            hint="build with fresh weights; public weights are declared as Architecture(pretrained=...)",
        )


def builds_reproducibly(case: Case) -> None:
    """The same seed gives the same fresh weights."""
    if not case.rebuilt.identical:
        raise PluginError(
            "built twice from one seed, the network has different weights",
            hint="use only torch's global generator, which torch.manual_seed sets",
        )


def builds_every_choice(case: Case) -> None:
    """A network can be built and run with every choice of every option."""
    for name, option in case.blueprint.architecture.options.items():
        for choice in option.choices or ((True, False) if isinstance(option.default, bool) else ()):
            if choice != case.blueprint.options[name]:
                _build_and_run(case, name, choice)


def _build_and_run(case: Case, name: str, choice: Scalar) -> None:
    """Build a network with another choice of one option, and compute logits in both modes."""
    network = case.blueprint.with_options({name: choice}).build(2)
    for training in (True, False):
        try:
            shape = tuple(case.run(network.train(training), case.batch()).shape)
        except PluginError as error:
            raise PluginError(f"with {name}={choice!r}: {error.message}", where=error.where, hint=error.hint) from error
        if shape != tuple(case.logits.shape):
            raise PluginError(f"with {name}={choice!r}, two images give logits of shape {shape}")


def builds_without_side_effects(case: Case) -> None:
    """Building seeds no random number generator, changes no global setting and prints nothing."""
    _ = case.classifier  # the first build imports modules, which may print
    states = []
    for seed in (1, 2):
        with recorded_side_effects() as effects:
            case.new(seed=seed)
        states.append(torch.random.get_rng_state())
        if effects.found:
            raise PluginError(
                f"building {'; '.join(effects.found)}",
                hint="leave the process as it is, and print nothing",
            )
    if torch.equal(*states):
        raise PluginError(
            "building seeds torch's random number generator, so that every seed gives the same training",
            hint="leave out torch.manual_seed",
        )


def has_declared_parameters(case: Case) -> None:
    """The network has as many parameters as its registry row declares."""
    counted = sum(parameter.numel() for parameter in case.classifier.parameters())
    declared = case.blueprint.entry.parameters
    if declared is not None and counted != declared:
        raise PluginError(
            f"{counted:,} parameters with two classes, but the registry row declares {declared:,}",
            where=case.blueprint.entry.where or None,
            hint=f"write parameters: {counted}, or find what is missing",
        )


def accepts_other_classes(case: Case) -> None:
    """The network can be built for five classes, unless it has a single output for two classes."""
    if case.blueprint.entry.head == "sigmoid":
        return
    outputs = case.run(case.blueprint.build(5).eval(), case.batch()).shape[1]
    if outputs != 5:
        raise PluginError(f"{outputs} outputs for five classes", hint="use num_outputs for the last layer")
