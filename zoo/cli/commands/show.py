"""`zoo show`: describe a model or a recipe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from zoo.cli.completion import complete_model_or_recipe
from zoo.cli.output.option_lines import option_lines
from zoo.cli.output.tables import print_facts, print_json
from zoo.cli.shared_options import device_option, json_option
from zoo.text import storage_size

if TYPE_CHECKING:
    from zoo.classifier.cost import Cost
    from zoo.config.recipe import Recipe
    from zoo.registry import Blueprint
    from zoo.registry.blueprint import HeatMapLayer
    from zoo.spec import Entry, Paper, Preprocessing


@click.command("show")
@click.argument("name", shell_complete=complete_model_or_recipe)
@click.option("--cost", "with_cost", is_flag=True, help="Measure what a prediction costs on this machine.")
@device_option
@json_option
def command(name: str, with_cost: bool, device: str, as_json: bool) -> None:
    """Describe a model: paper, parameters, options, preprocessing, recipe, pretrained weights; or a recipe.

    NAME is the name of a model, as `zoo list` shows them, or of a recipe, such as modern. --cost builds the network,
    counts its multiply-adds, and measures how many images per second it predicts here.
    """
    from zoo.registry import registry

    if name in (recipes := registry().catalog.recipes) and name not in registry().catalog.models:
        if with_cost:
            raise click.UsageError(f"--cost is only for a model, and {name} is a recipe")
        _show_recipe(recipes[name], registry().paper(recipes[name].paper), as_json=as_json)
        return
    model = _model(name)
    recipe = registry().recipe(model.entry.recipe)
    paper = registry().paper(model.entry.paper)
    cost = _cost(name, device) if with_cost else None
    if as_json:
        print_json({**_document(model, recipe, paper), **({"cost": asdict(cost)} if cost else {})})
        return
    print_facts(
        [
            ("name", model.name),
            ("summary", model.summary),
            ("paper", _citation(paper)),
            ("parameters", _parameters(model.entry)),
            ("cost", _cost_text(cost) if cost else ""),
            ("head", model.entry.head),
            ("options", option_lines(model.architecture.options, model.options)),
            ("preprocessing", _preprocessing(model.preprocessing)),
            ("heat map", _heat_map(model.heat_map)),
            ("recipe", _recipe(recipe)),
            ("pretrained", _pretrained(model) or "none: trained from scratch"),
            ("weights", model.entry.weights or "none published"),
            ("results in the paper", _claims(model.entry.claims)),
            ("interpretation", "\n".join(model.entry.readings)),
            ("plugin", f"{model.plugin}, {model.entry.where}" if model.entry.where else model.plugin),
        ]
    )


def _model(name: str) -> Blueprint:
    """Return a model by name; the error for an unknown name suggests similar names of models and of recipes."""
    from zoo.errors import UnknownNameError
    from zoo.registry import registry

    try:
        return registry().model(name)
    except UnknownNameError:
        known = [*registry().names(), *registry().catalog.recipes]
        raise UnknownNameError("model or recipe", name, known) from None


def _show_recipe(recipe: Recipe, paper: Paper | None, *, as_json: bool) -> None:
    """Print the settings of a recipe, by the names that they have as options and in a YAML file."""
    if as_json:
        print_json(asdict(recipe))
        return
    about = ("name", "summary", "paper", "readings")
    print_facts(
        [
            ("recipe", recipe.name),
            ("summary", recipe.summary),
            ("paper", _citation(paper)),
            *((key, _plain(value)) for key, value in asdict(recipe).items() if key not in about and value is not None),
            ("interpretation", "\n".join(recipe.readings)),
        ]
    )


def _citation(paper: Paper | None) -> str:
    """Return authors, year, title and link of a paper."""
    return f"{paper.authors} ({paper.year}). {paper.title}.\n{paper.link or ''}" if paper else ""


def _preprocessing(size: Preprocessing) -> str:
    """Return how images are resized and normalized."""
    return f"{size.height}x{size.width}, {size.fit}, {size.interpolation}\nmean {size.mean}, std {size.std}"


def _recipe(recipe: Recipe) -> str:
    """Return the settings of a recipe, and how it reads what its paper leaves open."""
    chosen = {key: value for key, value in asdict(recipe).items() if value not in (None, (), "")}
    skip = ("name", "summary", "paper", "readings")
    values = ", ".join(f"{key} {_plain(value)}" for key, value in chosen.items() if key not in skip)
    return "\n".join(
        [f"{recipe.name}: {recipe.summary}", values, *(f"interpretation: {text}" for text in recipe.readings)]
    )


def _pretrained(model: Blueprint) -> str:
    """Return what each of the pretrained weights was trained on, its repository and license."""
    return "\n".join(
        f"{weights.data}, from {weights.repo} at {weights.revision[:12]} ({weights.license})"
        for weights in model.architecture.pretrained
    )


def _cost(name: str, device: str) -> Cost:
    """Measure what a prediction costs."""
    from zoo.classifier import create_model
    from zoo.classifier.cost import measure_cost

    return measure_cost(create_model(name), device=device)


def _cost_text(cost: Cost) -> str:
    """Return what a prediction costs, as text."""
    memory = f", {storage_size(cost.peak_memory_bytes)} of its memory" if cost.peak_memory_bytes else ""
    return (
        f"{cost.multiply_adds / 1e9:.3g} billion multiply-adds per image\n"
        f"{cost.images_per_second:.3g} images/s on this machine's {cost.device}, the network alone{memory}"
    )


def _parameters(entry: Entry) -> str:
    """Return the number of parameters, with the number in the paper if it differs."""
    counted = f"{entry.parameters:,} with two classes" if entry.parameters else ""
    if entry.claimed_parameters in (None, entry.parameters):
        return counted
    return f"{counted}; the paper counts {entry.claimed_parameters:,}"


def _heat_map(source: HeatMapLayer) -> str:
    """Return the layer that the heat map is computed from, and how many of its tokens are not patches."""
    if source.layer is None:
        return ""
    return f"layer {source.layer}" + (f", tokens that are not patches: {source.tokens}" if source.tokens else "")


def _claims(claims: Mapping[str, Mapping[str, float]]) -> str:
    """Return the results that a paper reports, one data set per line."""
    return "\n".join(
        f"{data}: " + ", ".join(f"{name} {value:g}" for name, value in measures.items())
        for data, measures in claims.items()
    )


def _plain(value: object) -> str:
    """Return a setting's value as it is typed on the command line."""
    return (",".join(map(str, value)) or "none") if isinstance(value, tuple) else str(value)


def _document(model: Blueprint, recipe: Recipe, paper: Paper | None) -> dict[str, Any]:
    """Return everything about a model as a JSON document."""
    return {
        **asdict(model.entry),
        "architecture": asdict(model.architecture),
        "summary": model.summary,
        "plugin": model.plugin,
        "options": dict(model.options),
        "preprocessing": asdict(model.preprocessing),
        "recipe": asdict(recipe),
        "paper": asdict(paper) if paper else None,
    }
