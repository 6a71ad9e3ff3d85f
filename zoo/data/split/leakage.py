"""Leakage: patients with images in both the test part and another part of a split."""

from __future__ import annotations

from dataclasses import dataclass

from zoo.data.manifest import Manifest
from zoo.data.split.split import Split


@dataclass(frozen=True, kw_only=True)
class Leak:
    """The extent of a leak: how many test images are of patients with images in training or validation."""

    patients: int
    """The number of patients with images in both the test part and another part."""
    test_patients: int
    share: float
    """The share of test images that are of these patients."""

    def __str__(self) -> str:
        return (
            f"{self.patients} of {self.test_patients} test patients are also in training, with {self.share:.0%} of the "
            "test images: the results will be too good for new patients"
        )


def find_leak(manifest: Manifest, split: Split) -> Leak | None:
    """Return the leak of a split; None if there is none, or the patients are not known."""
    groups = manifest.groups
    if groups is None:
        return None
    seen = {groups[index] for index in (*split.train, *split.val)}
    test = [groups[index] for index in split.test]
    leaked = [group for group in test if group in seen]
    if not leaked:
        return None
    return Leak(patients=len(set(leaked)), test_patients=len(set(test)), share=len(leaked) / len(test))
