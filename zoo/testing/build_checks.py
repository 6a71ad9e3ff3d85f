"""Checks of building a network."""

from __future__ import annotations

from zoo.errors import PluginError
from zoo.testing.case import Case


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
    """A network can be built with every choice of every option."""
    for name, option in case.blueprint.architecture.options.items():
        for choice in option.choices:
            if choice != case.blueprint.options[name]:
                case.blueprint.with_options({name: choice}).build(2)


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
