"""What run.yaml says of a training when it begins."""

from __future__ import annotations

from zoo.distributed.world import World
from zoo.errors import TrainingError
from zoo.runs.run import now
from zoo.runs.run_record import Resolved, RunRecord
from zoo.training.code_version import code_version
from zoo.training.compute import ComputePlan
from zoo.training.facts import data_facts, split_facts
from zoo.training.plan import Plan
from zoo.training.training_data import TrainingData


def check_world(world: World, plan: Plan, data: TrainingData) -> None:
    """All processes have the same images in the same parts, and each has a share of a batch."""
    world.agree("data", data.prepared.fingerprint)
    world.agree("split", data.split_digest)
    if plan.recipe.batch_size < world.size:
        raise TrainingError(
            f"a batch of {plan.recipe.batch_size} images cannot be shared by {world.size} processes",
            hint="start fewer processes",
        )


def describe_run(plan: Plan, data: TrainingData, compute: ComputePlan, world: World) -> RunRecord:
    """Return the record of a run that begins: enough to do it again, and to see whether anything has changed."""
    chosen = compute.compute
    return RunRecord(
        status="running",
        started=now(),
        config=plan.config,
        resolved=Resolved(
            recipe=plan.recipe,
            model_options=plan.blueprint.options,
            data_options=plan.source_options,
            preprocessing=plan.blueprint.preprocessing,
            device=chosen.device.type,
            precision="bfloat16" if chosen.bfloat16 else "float32",
            layout="channels_last" if chosen.channels_last else "contiguous",
            computing=compute.why,
            processes=world.size,
        ),
        data=data_facts(plan, data.prepared),
        split=split_facts(plan, data.manifest, data.split),
        split_digest=data.split_digest,
        unreadable=data.prepared.unreadable,
        code=code_version(plan.blueprint),
    )
