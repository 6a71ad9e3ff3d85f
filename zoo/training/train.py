"""One training from a name to a bundle, or from where it stopped.

No torch here: a mistake in what was compute_config for is told before torch is imported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.config.recipe import RecipeChanges
from zoo.data.pixels.prepare import TOLERATED
from zoo.distributed.rank import is_chief
from zoo.progress import Reporter, Silent
from zoo.runs import Run
from zoo.spec import Choice, Layout, Precision, Scalar
from zoo.training.compute_config import ComputeConfig
from zoo.training.plan import Init, make_plan
from zoo.training.resume import check_options, planned
from zoo.training.trackers import find_tracker
from zoo.training.training_data import Material

if TYPE_CHECKING:
    from typing_extensions import Unpack

SAVE_EVERY = 60.0
"""Seconds between two checkpoints: no more work than this is lost when a process is killed."""


def train(
    name: str,
    *,
    data: str = "sample",
    root: str | Path | None = None,
    options: Mapping[str, Scalar] | None = None,
    model_options: Mapping[str, Scalar] | None = None,
    recipe: str | None = None,
    init: Init = "auto",
    seed: int = 0,
    split_file: str | Path | None = None,
    store: bool = True,
    tolerate: float = TOLERATED,
    device: str = "auto",
    precision: Precision = "auto",
    layout: Layout = "auto",
    compile: Choice = "auto",  # noqa: A002
    resident: Choice = "auto",
    sync_norm: Choice = "auto",
    deterministic: bool = False,
    save_every: float = SAVE_EVERY,
    track: str | None = None,
    out: str | Path | None = None,
    progress: Reporter | None = None,
    **changes: Unpack[RecipeChanges],
) -> Run:
    """Train a model and evaluate it on its held-out part; the run folder holds everything this made.

    `data` is a source's name with its `root`, or a path that says by itself what it is. `options` are the source's,
    `model_options` the architecture's, `changes` the recipe's. `recipe` is a name, or a YAML file's path.
    `split_file`: a table that says who is held out. `store=False` reads images from their files each time.
    `tolerate`: the share of images that may be unreadable. `save_every`: seconds between checkpoints.
    `track`: a tracker that follows the epochs, tensorboard or trackio.
    """
    tracker = find_tracker(track)
    compute_config = ComputeConfig(
        device=device,
        precision=precision,
        layout=layout,
        compile=compile,
        resident=resident,
        sync_norm=sync_norm,
        deterministic=deterministic,
    )
    plan = make_plan(
        name,
        data=data,
        root=root,
        options=options,
        model_options=model_options,
        recipe=recipe,
        init=init,
        seed=seed,
        split_file=split_file,
        store=store,
        tolerate=tolerate,
        compute_config=compute_config,
        changes=changes,
    )
    progress = (progress or Silent()) if is_chief() else Silent()
    if plan.recipe.name != (own := plan.blueprint.entry.recipe) and recipe is None:
        progress.say(f"recipe {plan.recipe.name}, the {plan.source.name}'s; {name}'s own is {own} (--recipe {own})")
    with torch_arriving(compute_config):
        material = Material.of(plan, progress)
    from zoo.training.opening import begin

    where = Path(out) if out is not None else None
    return begin(plan, material, out=where, track=track, tracker=tracker, save_every=save_every, progress=progress)


def resume(
    run: str | Path | Run,
    *,
    given: Mapping[str, Any] | None = None,
    save_every: float = SAVE_EVERY,
    track: str | None = None,
    progress: Reporter | None = None,
) -> Run:
    """Go on with a run that was stopped or killed, to the same bits as if it had not been.

    `given`: options of `train`, if any are given again; they must be the run's own. `track` may be another tracker than
    the run's, or `none`.
    """
    run = Run.open(run.path if isinstance(run, Run) else run)
    check_options(run, given or {})
    if run.record["status"] == "finished":
        if is_chief():
            (progress or Silent()).say(f"{run} is finished already")
        return run
    tracker = find_tracker(track or run.record.get("track"))
    plan = planned(run)
    progress = (progress or Silent()) if is_chief() else Silent()
    with torch_arriving(plan.compute_config):
        material = Material.of(plan, progress)
    from zoo.training.opening import go_on

    return go_on(run, plan, material, tracker=tracker, save_every=save_every, progress=progress)


@contextmanager
def torch_arriving(compute_config: ComputeConfig) -> Iterator[None]:
    """Importing torch and the rest takes seconds: meanwhile the block, which needs none of it, is run."""
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(_arrive, compute_config)
        if compute_config.device not in ("auto", "cpu"):
            coming.result()  # so that a device that is not there is told before anything is decoded
        yield
        coming.result()


def _arrive(compute_config: ComputeConfig) -> None:
    from zoo.training import opening

    opening.warm(compute_config)
