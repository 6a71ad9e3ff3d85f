"""Data whose classes have other names than those of the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from zoo.data.manifest import Manifest, Sample
from zoo.errors import DataError, UnknownNameError, UsageError, did_you_mean
from zoo.text import quoted


def map_classes(manifest: Manifest, names: Mapping[str, str], *, onto: Sequence[str]) -> Manifest:
    """Return a manifest with the classes of a model.

    Args:
        manifest: The images.
        names: The model's class for each class of the data. A class that has the same name in both may be left out.
        onto: The classes of the model.
    """
    for theirs, ours in names.items():
        if theirs not in manifest.classes or ours not in onto:
            _refuse_reversed(manifest, names, onto)
        if theirs not in manifest.classes:
            raise UnknownNameError("class of the data", theirs, manifest.classes, where=manifest.name)
        if ours not in onto:
            raise UnknownNameError("class of the model", ours, onto, where=f"--map {theirs}={ours}")
    new = {name: name for name in manifest.classes if name in onto} | dict(names)
    missing = [name for name in manifest.classes if name not in new]
    if missing:
        raise DataError(
            f"the class {quoted(missing[0])} of the data is not mapped to a class of the model ({', '.join(onto)})",
            where=manifest.name,
            hint=f"add it: --map {missing[0]}=CLASS; {did_you_mean(missing[0], onto)}",
        )
    samples = tuple(_relabeled(sample, new[sample.label]) for sample in manifest.samples)
    return replace(manifest, classes=tuple(onto), samples=samples)


def _relabeled(sample: Sample, label: str) -> Sample:
    """Return an image with another label."""
    if sample.label == label:
        return sample
    return Sample(path=sample.path, key=sample.key, label=label, group=sample.group, facts=sample.facts)


def _refuse_reversed(manifest: Manifest, names: Mapping[str, str], onto: Sequence[str]) -> None:
    """Raise an error with the right order if the names were given as MODEL=DATA."""
    if all(theirs in manifest.classes and ours in onto for ours, theirs in names.items()):
        turned = ",".join(f"{theirs}={ours}" for ours, theirs in names.items())
        raise UsageError("the classes to map are in the wrong order: first that of the data", hint=f"--map {turned}")
