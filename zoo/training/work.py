"""All that is settled before the first step: the plan, the images, their split, and how to compute."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from zoo.data.pixels.prepare import Prepared
from zoo.data.split.split import PARTS, Split
from zoo.device import Compute
from zoo.distributed.world import World
from zoo.errors import TrainingError
from zoo.training.code_version import code_of
from zoo.training.compute import ComputePlan, choose
from zoo.training.facts import data_facts, split_facts
from zoo.training.plan import Plan
from zoo.training.training_data import Material


@dataclass(frozen=True, kw_only=True)
class Work:
    """What a session works on."""

    plan: Plan
    prepared: Prepared
    split: Split
    chosen: ComputePlan
    world: World

    @classmethod
    def of(cls, plan: Plan, material: Material, compute: Compute, world: World) -> Work:
        """Settle how to compute; all processes must have the same images in the same parts."""
        world.check_equal("data", material.prepared.fingerprint)
        world.check_equal("split", _sum(material.split))
        if plan.recipe.batch_size < world.size:
            raise TrainingError(
                f"a batch of {plan.recipe.batch_size} images cannot be shared by {world.size} processes",
                hint="start fewer processes",
            )
        size = plan.blueprint.preprocessing
        chosen = choose(
            plan.compute_config,
            compute,
            plan.recipe,
            images=len(material.prepared.pixels),
            image_bytes=size.height * size.width * 3,
            stored=plan.store,
            world=world,
        )
        return cls(plan=plan, prepared=material.prepared, split=material.split, chosen=chosen, world=world)

    def record(self) -> dict[str, Any]:
        """What run.yaml says of it: enough to do it again, and to see whether anything has changed."""
        plan, manifest, compute = self.plan, self.prepared.manifest, self.chosen.compute
        return {
            **plan.as_dict(),
            "computed": {
                "device": compute.device.type,
                "precision": "bfloat16" if compute.bfloat16 else "float32",
                "layout": "channels_last" if compute.channels_last else "contiguous",
                "why": self.chosen.why,
            },
            "processes": self.world.size,
            "code": code_of(plan.blueprint),
            "data_name": manifest.name,
            "synthetic": manifest.synthetic,
            "data_facts": data_facts(plan, self.prepared),
            "split": split_facts(plan, manifest, self.split),
            "split_sum": _sum(self.split),
            "unreadable": dict(self.prepared.unreadable),
        }


def _sum(split: Split) -> str:
    """Changes when any image moves to another part."""
    parts = {part: split.part(part) for part in PARTS}
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
