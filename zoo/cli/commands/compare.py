"""`zoo compare`: compare models on the same images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from zoo.cli.completion import complete_trained_model
from zoo.cli.config_options import GroupedCommand
from zoo.cli.output.tables import print_json, print_table
from zoo.cli.shared_options import data_options, device_option, json_option

if TYPE_CHECKING:
    from zoo.comparison import Comparison, ModelResult, Pair

MEASURES = ("balanced_accuracy", "accuracy", "auroc", "recall", "specificity", "f1", "loss")
MOST_IMAGES = 5


@click.command("compare", cls=GroupedCommand)
@click.argument("models", nargs=-1, required=True, metavar="MODEL MODEL...", shell_complete=complete_trained_model)
@data_options("data", "root", "options")
@click.option(
    "--margin",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="State whether the better model is at most this much worse, in balanced accuracy (non-inferiority).",
)
@device_option
@json_option
def command(models: tuple[str, ...], as_json: bool, **given: Any) -> None:
    """Compare models on the same images: which is better, and how sure that is.

    MODEL is a run folder, a bundle folder or a Hub id. Finished runs are compared by the predictions for their test
    parts, if these are the same images; other models need --data.
    """
    from zoo.comparison import compare
    from zoo.config.plain import plain
    from zoo.progress import command_reporter

    chosen = {name: value for name, value in given.items() if value not in (None, {})}
    comparison = compare(models, progress=command_reporter(), **chosen)
    if as_json:
        print_json(plain(comparison))
    else:
        print_comparison(comparison)


def print_comparison(comparison: Comparison) -> None:
    """Print the answer, the measures, the differences, and the images on which the models differ most."""
    from zoo.cli.output.run_summary import SYNTHETIC_WARNING
    from zoo.metrics.names import measure_name

    click.echo()
    if comparison.synthetic:
        click.secho(SYNTHETIC_WARNING, fg="yellow")
    if comparison.leaked:
        click.secho("LEAKED: a model has seen some of these images, or others of the same patients", fg="red")
    click.secho(comparison.sentence, bold=True)
    patients = f" of {comparison.patients:,} patients" if comparison.patients is not None else ""
    click.echo(f"measured on {comparison.images:,} images{patients} of {comparison.data}")
    names = [one.name for one in comparison.models]
    print_table(
        ["measure", *names],
        [
            [measure_name(measure), *(_value(one, measure) for one in comparison.models)]
            for measure in MEASURES
            if measure in comparison.models[0].measures.values
        ]
        + [["parameters", *(f"{one.parameters:,}" if one.parameters else "-" for one in comparison.models)]],
    )
    print_table(
        ["better", "other", "difference in balanced accuracy", "95 % interval", "p", "detectable", "same answer"],
        [_pair(pair) for pair in comparison.pairs],
        right=["p", "detectable", "same answer"],
    )
    if len(comparison.pairs) > 1:
        click.echo("p is corrected for the number of pairs (Holm); the intervals are not.")
    for pair in comparison.pairs:
        if pair.not_worse is not None:
            worse = "is not worse" if pair.not_worse else "may be worse"
            click.echo(f"{pair.first} {worse} than {pair.second} by more than {comparison.margin}")
    if comparison.disagreements:
        click.echo("They differ most on:")
        for image in comparison.disagreements[:MOST_IMAGES]:
            answers = ", ".join(f"{name}: {answer}" for name, answer in image.answers.items())
            click.echo(f"  {image.key} ({image.label}): {answers}")


def _value(model: ModelResult, measure: str) -> str:
    """Return a measure with its interval as text."""
    value, interval = model.measures.values[measure], model.measures.intervals.get(measure)
    if value is None:
        return "-"
    return f"{value:.3f} ({interval[0]:.3f} to {interval[1]:.3f})" if interval else f"{value:.3f}"


def _pair(pair: Pair) -> list[str]:
    """Return the cells of a pair of models."""
    from zoo.metrics.metrics_file import MAIN

    difference = pair.differences[MAIN]
    interval = difference.interval
    return [
        pair.first,
        pair.second,
        f"{difference.value:.3f}",
        f"{interval[0]:.3f} to {interval[1]:.3f}" if interval else difference.reason,
        "-" if pair.corrected_p is None else f"{pair.corrected_p:.3f}",
        "-" if difference.detectable is None else f"{difference.detectable:.3f}",
        f"{pair.agreement:.0%}",
    ]
