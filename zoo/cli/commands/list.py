"""`zoo list`: list the models."""

from __future__ import annotations

import click

from zoo.cli.completion import complete_model
from zoo.cli.output.tables import print_json, print_table
from zoo.cli.shared_options import json_option


@click.command("list")
@click.argument("pattern", default="*", shell_complete=complete_model)
@json_option
def command(pattern: str, as_json: bool) -> None:
    """List the models that can be trained.

    PATTERN selects models by name, as in a shell: zoo list 'cbam*'
    """
    from zoo.errors import UnknownNameError
    from zoo.registry import registry

    models = [registry().model(name) for name in registry().names(pattern)]
    if as_json:
        rows = [
            {
                "name": model.name,
                "architecture": model.architecture.name,
                "plugin": model.plugin,
                "parameters": model.entry.parameters,
                "recipe": model.entry.recipe,
                "paper": model.entry.paper,
                "pretrained": bool(model.architecture.pretrained),
                "weights": model.entry.weights,
                "summary": model.summary,
            }
            for model in models
        ]
        print_json(rows)
        return
    if not models and pattern != "*":
        raise UnknownNameError("model", pattern, registry().names())
    published = any(model.entry.weights for model in models)
    print_table(
        ["name", "parameters", "recipe", "paper", "pretrained", *(["weights"] * published), "summary"],
        [
            [
                model.name,
                f"{model.entry.parameters:,}" if model.entry.parameters else "",
                model.entry.recipe,
                model.entry.paper or "",
                ", ".join(sorted({weights.data for weights in model.architecture.pretrained})),
                *([_short(model.entry.weights)] * published),
                model.summary,
            ]
            for model in models
        ],
        right=["parameters"],
    )
    plugins = registry().plugins
    if plugins.left_out:
        click.echo(f"not loaded because of ZOO_PLUGINS: {', '.join(plugins.left_out)}", err=True)
    for plugin in plugins.broken:
        click.echo(f"broken plugin: {plugin.origin}; `zoo plugins` shows its error", err=True)


def _short(weights: str | None) -> str:
    """Return published weights with the first digits of their commit; `zoo show` and --json have all of them."""
    repo, _, commit = (weights or "").partition("@")
    return f"{repo}@{commit[:8]}" if repo else ""
