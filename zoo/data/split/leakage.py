"""Patients that stand on both sides of a split."""

from __future__ import annotations

from dataclasses import dataclass

from zoo.data.manifest import Manifest
from zoo.data.split.split import Split


@dataclass(frozen=True, kw_only=True)
class Leak:
    """How much of what is measured was seen in training."""

    patients: int
    """Patients with images in the test part and in another one."""
    test_patients: int
    share: float
    """The share of test images whose patient was seen."""

    def __str__(self) -> str:
        return (
            f"{self.patients} of {self.test_patients} test patients also stand in training, with {self.share:.0%} of "
            "the test images: the numbers will be too high for a new patient"
        )


def find_leak(manifest: Manifest, split: Split) -> Leak | None:
    """None where no patient is on both sides, or nobody knows the patients."""
    groups = manifest.groups
    if groups is None:
        return None
    seen = {groups[index] for index in (*split.train, *split.val)}
    test = [groups[index] for index in split.test]
    leaked = [group for group in test if group in seen]
    if not leaked:
        return None
    return Leak(patients=len(set(leaked)), test_patients=len(set(test)), share=len(leaked) / len(test))
