"""What building a network does, and what it does not."""

from __future__ import annotations

from zoo.errors import PluginError
from zoo.testing.case import Subject


def builds_without_access(subject: Subject) -> None:
    """Building touches neither files nor the network."""
    if subject.rebuilt.touched:
        raise PluginError(
            f"building touches {subject.rebuilt.touched[0]}",
            hint="build with fresh weights; public weights are declared as Architecture(pretrained=...)",
        )


def builds_from_the_seed(subject: Subject) -> None:
    """The same seed gives the same fresh weights."""
    if not subject.rebuilt.same:
        raise PluginError(
            "built twice from one seed, the weights differ",
            hint="draw from torch's own generator, which torch.manual_seed sets, and from no other",
        )


def builds_every_choice(subject: Subject) -> None:
    """Every choice that an option offers can be built."""
    for name, option in subject.blueprint.architecture.options.items():
        for choice in option.choices:
            if choice != subject.blueprint.options[name]:
                subject.blueprint.with_options({name: choice}).build(2)


def has_declared_parameters(subject: Subject) -> None:
    """The count in the registry row is the network's."""
    counted = sum(parameter.numel() for parameter in subject.classifier.parameters())
    declared = subject.blueprint.entry.parameters
    if declared is not None and counted != declared:
        raise PluginError(
            f"{counted:,} parameters with two classes, and its row declares {declared:,}",
            where=subject.blueprint.entry.where or None,
            hint=f"write parameters: {counted}, or find what is missing",
        )


def takes_other_classes(subject: Subject) -> None:
    """It can be built for five classes, where its head can tell so many apart."""
    if subject.blueprint.entry.head == "sigmoid":
        return
    outputs = subject.run(subject.blueprint.build(5).eval(), subject.batch()).shape[1]
    if outputs != 5:
        raise PluginError(f"for five classes it has {outputs} outputs", hint="use num_outputs for the last layer")
