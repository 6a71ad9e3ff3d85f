"""Checks before a run is resumed: settings, code, data and split must be those that it was started with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from zoo.config.diff import changed_settings, differences
from zoo.config.plain import plain
from zoo.config.train_config import RECIPE, keywords
from zoo.errors import RunError
from zoo.registry import registry
from zoo.runs import Run
from zoo.runs.run_record import RunRecord
from zoo.text import cut_short
from zoo.training.plan import Plan, make_plan

MOST_CHANGES = 12
"""How many changes an error lists."""
HINT = "start a new run with `zoo train`; a run must be trained in the same way from beginning to end"


def plan_of_run(run: Run) -> Plan:
    """Return the plan that a run was started with, in the precision and memory layout that were chosen then."""
    record = run.record
    config, resolved = record.config, record.resolved
    config = replace(
        config,
        model=replace(config.model, options=resolved.model_options),
        data=replace(config.data, options=resolved.data_options),
        compute=replace(config.compute, precision=resolved.precision, layout=resolved.layout),
    )
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
    for name, what in (("code", "the code"), ("data", "the data"), ("split_digest", "the split")):
        changed = differences(name, plain(getattr(record, name)), plain(getattr(now, name)))
        _refuse_changes(run, f"{what} changed since the run started", changed)
    changed = differences("device", record.resolved.device, now.resolved.device)
    _refuse_changes(run, "the run was started on another kind of device", changed)


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


def _refuse_changes(run: Run, why: str, changed: list[str]) -> None:
    """Raise a RunError that lists what changed, if anything did."""
    if changed:
        lines = cut_short([why, *changed], MOST_CHANGES + 1, separator="\n  ")
        raise RunError(f"cannot resume: {lines}", where=str(run), hint=HINT)
