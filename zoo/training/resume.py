"""Checks before a run is resumed: settings, code, data and split must be those that it was started with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from zoo.bundle.provenance import InitialWeights
from zoo.config.diff import changed_settings, differences
from zoo.config.plain import plain
from zoo.config.train_config import RECIPE, TrainConfig, keywords
from zoo.data.source_lookup import find_source
from zoo.distributed.rank import is_chief
from zoo.errors import DataError, RunError
from zoo.progress import Reporter
from zoo.registry import registry
from zoo.runs import CHECKPOINT, RECORD, Run
from zoo.runs.run_record import RunRecord
from zoo.text import cut_short
from zoo.training.plan import Plan, make_plan

MOST_CHANGES = 12
"""How many changes an error lists."""
RESTORE = f"restore {RECORD}, or start a new run with `zoo train`"
HINT = "start a new run with `zoo train`; a run must be trained in the same way from beginning to end"


def plan_of_run(run: Run, given: Mapping[str, Any]) -> Plan:
    """Return the plan that a run was started with, in the precision and memory layout that were chosen then.

    Args:
        run: The run.
        given: Settings by keyword, of which only the paths are used: the data and the split file may have been moved.
    """
    record = run.record
    config, resolved = record.config, record.resolved
    config = replace(
        config,
        model=replace(config.model, options=resolved.model_options),
        data=replace(config.data, options=resolved.data_options),
        compute=replace(config.compute, precision=resolved.precision, layout=resolved.layout),
    ).changed(moved_paths(given))
    plan = make_plan(config, recipe=resolved.recipe)
    changed = differences("preprocessing", plain(resolved.preprocessing), plain(plan.blueprint.preprocessing))
    _refuse_changes(run, "the registry has changed since the run started", changed)
    return plan


def check_given(run: Run, plan: Plan, given: Mapping[str, Any], *, model: str | None = None) -> Plan:
    """Return the plan with the settings that are given on resume, which must not change what the run computes.

    Args:
        run: The run.
        plan: The plan that it was started with.
        given: Settings by keyword.
        model: The model's name, if it is given again.
    """
    known = {keyword: one for keyword, (_, one) in keywords().items()}
    config = plan.config
    if gives_data_as_path(given):
        config = config.changed({"root": None})
    config = config.changed(_without_unchanged_compute(run.record, given))
    if model is not None:
        config = replace(config, model=replace(config.model, name=model))
    changes = {name: value for name, value in given.items() if keywords()[name][0] == RECIPE}
    now = make_plan(config, recipe=None if "recipe" in given else plan.recipe.changed(changes))
    before, after = plan.settings, now.settings
    if now.config.recipe_file:  # its values are compared instead of its name
        after["recipe"] = before["recipe"]
    changed = changed_settings(before, after, known)
    _refuse_changes(run, "the run was started with other settings", changed)
    return now


def check_unchanged(run: Run, now: RunRecord) -> None:
    """Raise a RunError unless code, data, split and kind of device are those that the run was started with."""
    record = run.record
    for what, changed in (
        ("the code", differences("code", record.code, now.code)),
        ("the data", _data_differences(record, now)),
        ("the split", differences("split_digest", record.split_digest, now.split_digest)),
    ):
        _refuse_changes(run, f"{what} changed since the run started", changed)
    changed = differences("device", record.resolved.device, now.resolved.device)
    _refuse_changes(run, "the run was started on another kind of device", changed)


def check_paths(config: TrainConfig) -> None:
    """Raise a DataError that says how to give new paths if the data or the split file are no longer where they were."""
    for what, path, option in (
        ("the data are", config.data.root, "--root"),
        ("the split file is", config.split_file, "--split-file"),
    ):
        if path is not None and not path.exists():
            hint = f"if you have moved it, say where it is now: {option} PATH"
            raise DataError(f"{what} no longer here", where=str(path), hint=hint)


def check_record(run: Run, saved: Mapping[str, Any]) -> None:
    """Raise a RunError unless run.yaml still says of the training what it said when a checkpoint was saved.

    Args:
        run: The run.
        saved: What the checkpoint repeats of run.yaml.
    """
    now = json.loads(json.dumps(run.record.fixed))
    changed = [line for key in {**saved, **now} for line in differences(key, saved.get(key), now.get(key))]
    _refuse_changes(run, f"{RECORD} was edited after training had begun", changed, hint=RESTORE)


def check_initial_weights(run: Run, now: InitialWeights) -> None:
    """Raise a RunError unless the run starts from the weights that it has started from before."""
    before = run.record.initial_weights
    if before is not None and before != now:
        raise RunError(f"cannot resume: the initial weights were {before.used} then, {now.used} now", where=str(run))


def check_same_data(run: Run, now: RunRecord) -> None:
    """Raise a RunError unless a new run has the same data as another one, with which it is to be compared."""
    if changed := _data_differences(run.record, now):
        lines = cut_short([f"the data are not those of {run}", *changed], MOST_CHANGES + 1, separator="\n  ")
        raise RunError(lines, hint="start a new grid with `zoo train`; all runs of one table must have the same data")


def check_same_initial_model(run: Run, now: InitialWeights) -> None:
    """Raise a RunError unless a new run starts from the same trained model as another one, if from any."""
    before = run.record.initial_weights.model if run.record.initial_weights else None
    if before and now.model and (before.sha256, before.seen) != (now.model.sha256, now.model.seen):
        raise RunError(
            f"the model {now.asked} has changed since {run} was trained from its weights",
            hint="start a new grid with `zoo train`; all runs of one table must start from the same weights",
        )


def with_paths_of(config: TrainConfig, now: TrainConfig) -> TrainConfig:
    """Return a run's configuration with the paths under which its data and its split file are now."""
    return replace(config, data=replace(config.data, root=now.data.root), split_file=now.split_file)


def finished_run(run: Run, progress: Reporter) -> Run:
    """Return a run that is finished already; what a killed process left beside its results is deleted."""
    from zoo.training.checkpoint import Checkpoints

    if is_chief():
        with suppress(OSError):  # it may be read-only by now
            Checkpoints(run.path / CHECKPOINT).clear()
            run.delete_unfinished()
    progress.say(f"{run} is already finished")
    return run


def moved_paths(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the paths of the data and of the split file that are given on resume, by keyword."""
    paths = {name: given[name] for name in ("root", "split_file") if given.get(name) is not None}
    if gives_data_as_path(given):
        paths["root"] = find_source(given["data"], None, registry().plugins.sources)[1]
    return paths


def gives_data_as_path(given: Mapping[str, Any]) -> bool:
    """Whether the given settings name the data by a path alone, without a data source."""
    return "data" in given and "root" not in given and given["data"] not in registry().plugins.sources


def _without_unchanged_compute(record: RunRecord, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the given settings without a precision or layout as configured before: auto means what was chosen then."""
    return {
        name: value
        for name, value in given.items()
        if not (name in ("precision", "layout") and value == getattr(record.config.compute, name))
    }


def _data_differences(before: RunRecord, now: RunRecord) -> list[str]:
    """Return a line for each difference between the data of two runs; their name is that of the folder they are in."""
    return differences("data", plain(replace(before.data, name="")), plain(replace(now.data, name="")))


def _refuse_changes(run: Run, why: str, changed: list[str], *, hint: str = HINT) -> None:
    """Raise a RunError that lists what changed, if anything did."""
    if changed:
        lines = cut_short([why, *changed], MOST_CHANGES + 1, separator="\n  ")
        raise RunError(f"cannot resume: {lines}", where=str(run), hint=hint)
