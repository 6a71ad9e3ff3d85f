"""What a run and a bundle say about their data and their split."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zoo.data.manifest import Manifest
from zoo.data.pixels.prepare import Prepared
from zoo.data.split.leakage import find_leak
from zoo.data.split.split import PARTS, Split
from zoo.training.plan import Plan


def data_facts(plan: Plan, prepared: Prepared) -> dict[str, Any]:
    """Which images."""
    manifest = prepared.manifest
    return {
        "source": manifest.source,
        "name": manifest.name,
        "synthetic": manifest.synthetic,
        "fingerprint": prepared.fingerprint,
        "options": dict(plan.source_options),
        "images": manifest.counts(),
        "unreadable": len(prepared.unreadable),
    }


def split_facts(plan: Plan, manifest: Manifest, split: Split) -> dict[str, Any]:
    """Who was trained on and who was held out, and what leaks between them."""
    leak = find_leak(manifest, split)
    return {
        "unit": split.unit,
        "seed": split.seed,
        "fractions": list(plan.recipe.fractions),
        "folds": plan.recipe.folds,
        "fold": plan.recipe.fold,
        "file": plan.config.split_file is not None,
        "images": {part: len(split.part(part)) for part in PARTS},
        "patients": _patients(manifest, split),
        "leak": leak.as_dict() if leak else None,
    }


def _patients(manifest: Manifest, split: Split) -> Mapping[str, int] | None:
    groups = manifest.groups
    if groups is None:
        return None
    return {part: len({groups[index] for index in split.part(part)}) for part in PARTS}
