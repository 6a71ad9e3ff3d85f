"""Leakage: images of one patient, or identical images, in both the test part and another part of a split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zoo.data.identical_images import identical_sets
from zoo.data.manifest import Manifest
from zoo.data.split.split import Split
from zoo.text import percent


@dataclass(frozen=True, kw_only=True)
class Leak:
    """The extent of a leak: how many test images are not new to a model that is trained on the other parts."""

    patients: int
    """The number of patients with images in both the test part and another part."""
    test_patients: int
    """The number of patients in the test part; 0 if patients are not known."""
    identical: int
    """The number of test images that are identical to an image in another part."""
    share: float
    """The share of test images that are of these patients, or identical to an image in another part."""

    def __str__(self) -> str:
        facts = []
        if self.patients:
            facts.append(f"{self.patients} of {self.test_patients} test patients are also in training")
        if self.identical:
            facts.append(f"{self.identical} test images are identical to images in training")
        return (
            f"{' and '.join(facts)}, with {percent(self.share)} of the test images: "
            "the results will be too good for new patients"
        )


def find_leak(manifest: Manifest, split: Split, contents: Sequence[bytes | None] = ()) -> Leak | None:
    """Return the leak of a split; None if there is none, or neither patients nor contents are known.

    Args:
        manifest: The images. Those without a patient are compared by their content only.
        split: The split.
        contents: Digests of their pixels; empty if they are not known.
    """
    samples, others = manifest.samples, (*split.train, *split.val)
    seen = {samples[index].group for index in others} - {None}
    of_seen_patients = {index for index in split.test if samples[index].group in seen}
    test, elsewhere = set(split.test), set(others)
    copies = {
        index
        for indices in identical_sets(contents)
        if not elsewhere.isdisjoint(indices)
        for index in indices
        if index in test
    }
    leaked = of_seen_patients | copies
    if not leaked:
        return None
    return Leak(
        patients=len({samples[index].group for index in of_seen_patients}),
        test_patients=len({samples[index].group for index in split.test} - {None}),
        identical=len(copies),
        share=len(leaked) / len(split.test),
    )
