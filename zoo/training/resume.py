"""Whether a run may be resumed: only if all that decides its numbers is what it was."""

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
from zoo.training.plan import Plan, make_plan

SHOWN = 12
"""Changes that are listed in an error."""
ANEW = "start a new run with `zoo train`; the numbers of two ways to compute must not be mixed"


def plan_of_run(run: Run) -> Plan:
    """Return the plan that a run was begun with, in the precision and layout that were chosen then."""
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
    _refuse(run, "the registry has changed since it began", changed)
    return plan


def check_given(run: Run, plan: Plan, given: Mapping[str, Any], *, model: str | None = None) -> Plan:
    """Return the plan with the settings that are given again; they must not change what the run computes."""
    known = {keyword: one for keyword, (_, one) in keywords().items()}
    config = plan.config
    if _names_a_path(given):
        config = config.changed({"root": None})
    config = config.changed(_without_own_computing(run.record, given))
    if model is not None:
        config = replace(config, model=replace(config.model, name=model))
    changes = {name: value for name, value in given.items() if keywords()[name][0] == RECIPE}
    now = make_plan(config, recipe=None if "recipe" in given else plan.recipe.changed(changes))
    before, after = plan.settled, now.settled
    if now.config.recipe_file:  # it counts by its values, which are compared, and not by its name
        after["recipe"] = before["recipe"]
    changed = changed_settings(before, after, known)
    _refuse(run, "it was begun with other settings", changed)
    return now


def check_unchanged(run: Run, now: RunRecord) -> None:
    """Raise a RunError unless the code, the data, the split and the kind of device are those it was begun with."""
    record = run.record
    for name, what in (("code", "the code"), ("data", "the data"), ("split_digest", "the split")):
        changed = differences(name, plain(getattr(record, name)), plain(getattr(now, name)))
        _refuse(run, f"{what} changed since it began", changed)
    changed = differences("device", record.resolved.device, now.resolved.device)
    _refuse(run, "it was begun on another kind of device", changed)


def _names_a_path(given: Mapping[str, Any]) -> bool:
    """Whether the data are given by a path alone, in the place of a source and its root."""
    return "data" in given and "root" not in given and given["data"] not in registry().plugins.sources


def _without_own_computing(record: RunRecord, given: Mapping[str, Any]) -> dict[str, Any]:
    """What was left to be chosen, and is so again, is what was chosen."""
    return {
        name: value
        for name, value in given.items()
        if not (name in ("precision", "layout") and value == getattr(record.config.compute, name))
    }


def _refuse(run: Run, why: str, changed: list[str]) -> None:
    if changed:
        shown = "".join(f"\n  {line}" for line in changed[:SHOWN])
        more = f"\n  and {len(changed) - SHOWN} more" if len(changed) > SHOWN else ""
        raise RunError(f"cannot resume: {why}{shown}{more}", where=str(run), hint=ANEW)
