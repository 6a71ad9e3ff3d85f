"""Whether a run that stopped may go on: only if all that decides its numbers is what it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from zoo.config.recipe import RecipeChanges, recipe_from
from zoo.config.values import fields
from zoo.data.source_lookup import find_source
from zoo.errors import RunError
from zoo.registry import registry
from zoo.runs import Run
from zoo.training.compute_config import ComputeConfig
from zoo.training.plan import Plan, make_plan

SHOWN = 12
ANEW = "begin it anew with `zoo train`; the numbers of two ways to compute must not be mixed"


def planned(run: Run) -> Plan:
    """The plan that a run was begun with, in the precision and layout that were chosen then."""
    record = run.record
    with _complete(run):
        then = record["computed"]
        compute_config = replace(
            ComputeConfig(**record["computing"]), precision=then["precision"], layout=then["layout"]
        )
        plan = make_plan(
            record["model"],
            data=record["data"],
            root=record["root"],
            options=record["options"],
            model_options=record["model_options"],
            recipe=recipe_from(record["recipe"]),
            init=record["init"],
            seed=record["seed"],
            split_file=record["split_file"],
            store=record["store"],
            tolerate=record["tolerate"],
            compute_config=compute_config,
        )
    _refuse(run, "the registry has changed since it began", _apart("preprocessing", record, plan.as_dict()))
    return plan


def check_options(run: Run, given: Mapping[str, Any]) -> None:
    """Options that are given once more must be the run's own."""
    record = run.record
    with _complete(run):
        known = {
            **record["computing"],
            **record["recipe"],
            **{name: record[name] for name in ("data", "root", "seed", "init", "split_file", "store", "tolerate")},
            "name": record["model"],
            "recipe": record["recipe"]["name"],
        }
    found: dict[str, tuple[Any, Any]] = {}
    if str(given.get("recipe") or "").endswith((".yaml", ".yml")):
        given = _without_file(run, given)
    if "data" in given:
        source, place = find_source(given["data"], given.get("root"), registry().plugins.sources)
        given = {**given, "data": source.name, "root": place}
    for name, value in given.items():
        if name in ("options", "model_options"):
            found[name] = _texts({key: record[name].get(key) for key in value}), _texts(value)
        else:
            found[name] = (known.get(name), _recorded(name, value))
    changed = [f"{name}: {before!r} then, {now!r} now" for name, (before, now) in found.items() if before != now]
    _refuse(run, "it was begun with other options", changed)


def check_unchanged(run: Run, facts: Mapping[str, Any]) -> None:
    """Code, data and split must be those of the run."""
    record = run.record
    for name, what in (("code", "the code"), ("data_facts", "the data"), ("split_sum", "the split")):
        _refuse(run, f"{what} changed since it began", _apart(name, record, facts))


def _without_file(run: Run, given: Mapping[str, Any]) -> dict[str, Any]:
    """The values that a recipe's file holds now, in its place: its name says nothing about them."""
    record = run.record
    recipe = make_plan(record["model"], data=record["data"], root=record["root"], recipe=given["recipe"]).recipe
    values = {name: getattr(recipe, name) for name in fields(RecipeChanges)}
    return {**values, **{name: value for name, value in given.items() if name != "recipe"}}


def _texts(options: Mapping[str, Any]) -> dict[str, str]:
    """A command line knows options as texts only."""
    return {key: str(value) for key, value in options.items()}


def _recorded(name: str, value: Any) -> Any:
    """An option's value as run.yaml holds it."""
    if name in ("root", "split_file") and value is not None:
        return str(Path(value).resolve())
    return list(value) if isinstance(value, tuple) else value


@contextmanager
def _complete(run: Run) -> Iterator[None]:
    """What run.yaml should say and does not, or says wrongly, is the run's error."""
    try:
        yield
    except (KeyError, TypeError, ValueError) as error:
        raise RunError(f"run.yaml lacks something: {error!r}", where=str(run), hint=ANEW) from error


def _apart(name: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    return [f"{place}: {old!r} then, {new!r} now" for place, old, new in _differences(name, before[name], now[name])]


def _differences(place: str, before: Any, now: Any) -> Iterator[tuple[str, Any, Any]]:
    """Where two documents differ, as deep as it goes."""
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        for key in {**before, **now}:
            yield from _differences(f"{place}.{key}", before.get(key), now.get(key))
    elif before != now:
        yield place, before, now


def _refuse(run: Run, why: str, changed: list[str]) -> None:
    if changed:
        shown = "".join(f"\n  {line}" for line in changed[:SHOWN])
        raise RunError(f"cannot be gone on with: {why}{shown}", where=str(run), hint=ANEW)
