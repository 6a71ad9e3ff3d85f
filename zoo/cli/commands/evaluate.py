"""`zoo evaluate`: measure trained models on held-out images."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zoo.cli.completion import complete_trained_model
from zoo.cli.config_options import GroupedCommand, GroupedOption
from zoo.cli.output.tables import print_json
from zoo.cli.shared_options import (
    answer_options,
    data_options,
    device_option,
    json_option,
    revision_option,
)
from zoo.config.plain import plain
from zoo.progress import command_reporter

if TYPE_CHECKING:
    from zoo.evaluation import Evaluation


def read_class_map(ctx: click.Context, param: click.Parameter, values: Sequence[str]) -> dict[str, str]:
    """Return texts such as `DATA_CLASS=MODEL_CLASS,...` as a dictionary; a name with a comma can be put in quotes."""
    pairs: dict[str, str] = {}
    for row in csv.reader(values, skipinitialspace=True):
        for item in row:
            theirs, equals, ours = (part.strip() for part in item.partition("="))
            if not (theirs and equals and ours):
                raise click.BadParameter(f"{item!r} is not DATA_CLASS=MODEL_CLASS", ctx, param)
            if pairs.setdefault(theirs, ours) != ours:
                raise click.BadParameter(f"{theirs!r} is mapped to both {pairs[theirs]!r} and {ours!r}", ctx, param)
    return pairs


@click.command("evaluate", cls=GroupedCommand)
@click.argument("models", nargs=-1, required=True, metavar="MODEL...", shell_complete=complete_trained_model)
@data_options("data", "root", "options", "store", "tolerate", without_data="that of the training is taken")
@click.option(
    "--part",
    cls=GroupedOption,
    group="data",
    type=click.Choice(["train", "val", "test"]),
    default="test",
    show_default=True,
    help="The part of the data to measure on, by the split that the model was trained with.",
)
@click.option(
    "--split-file",
    cls=GroupedOption,
    group="data",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The file that the training took its split from, for a model whose run is not at hand.",
)
@click.option(
    "--include-seen",
    cls=GroupedOption,
    group="data",
    is_flag=True,
    help="Measure images seen in training too; the results are marked as leaked.",
)
@click.option(
    "--other-patients",
    cls=GroupedOption,
    group="data",
    is_flag=True,
    help="These patients are other people than those of the training, even where they have the same names.",
)
@click.option(
    "--stress",
    cls=GroupedOption,
    group="output",
    is_flag=True,
    help="Measure the images again with degradations of stain, blur, JPEG, brightness and scale.",
)
@answer_options
@click.option(
    "--by",
    cls=GroupedOption,
    group="output",
    multiple=True,
    metavar="COLUMN",
    help="Also measure by a column of the data, such as magnification, subtype or patient. Can be given several times.",
)
@click.option(
    "--map",
    "class_map",
    cls=GroupedOption,
    group="data",
    multiple=True,
    metavar="DATA_CLASS=MODEL_CLASS,...",
    callback=read_class_map,
    help="The class of the model for each class of the data of another name, such as normal=benign,tumor=malignant.",
)
@click.option(
    "--out",
    cls=GroupedOption,
    group="output",
    type=click.Path(path_type=Path),
    help="A folder for metrics.json, predictions.csv and report.html, which must not exist in it; with several models: "
    "one folder per model, plus table.csv.",
)
@revision_option
@device_option
@json_option
def command(models: tuple[str, ...], out: Path | None, as_json: bool, **given: Any) -> int:
    """Measure trained models on held-out images, with 95 % intervals.

    MODEL is a run folder, a bundle folder, a Hub id, or a folder with several runs, such as that of a grid. Several
    models have one table, and each a folder in that of --out.

    Without --data, each is measured on the test part of the data that it was trained on. Of other data, images that it
    was trained or validated on are left out, and so are other images of the same patients.
    """
    from zoo.evaluation.evaluate_many import models_in

    chosen = {name: value for name, value in given.items() if value not in (None, {}, ())}
    if len(models) == 1 and not models_in(Path(models[0]).expanduser()):
        _evaluate_one(models[0], out, as_json, chosen)
        return 0
    return _evaluate_several(models, out, as_json, chosen)


def _evaluate_one(model: str, out: Path | None, as_json: bool, chosen: Mapping[str, Any]) -> None:
    """Evaluate one model, and print all of its results."""
    from zoo.cli.output.run_summary import print_evaluation
    from zoo.distributed.rank import is_chief
    from zoo.evaluation import evaluate

    if out is not None:
        _refuse_existing(out)
    evaluation = evaluate(model, progress=command_reporter(), **chosen)
    if not is_chief():
        return
    if out is not None:
        _write(out, model, evaluation)
    if as_json:
        print_json(plain(evaluation.metrics))
        return
    print_evaluation(evaluation.metrics)
    if out is not None:
        click.echo(f"Saved to {out}")


def _evaluate_several(models: Sequence[str], out: Path | None, as_json: bool, chosen: Mapping[str, Any]) -> int:
    """Evaluate several models, and print one table; return 1 if one of them could not be evaluated."""
    from zoo.bundle.bundle_config import BundleConfig
    from zoo.classifier.resolve import resolve
    from zoo.cli.output.evaluations_table import print_evaluations
    from zoo.distributed.rank import is_chief
    from zoo.evaluation.evaluate_many import TABLE, evaluate_many, find_models
    from zoo.files import refuse_existing

    named, _ = find_models(models)
    if out is not None:
        refuse_existing(out / TABLE, hint="choose another folder with --out")
        for name in named:
            _refuse_existing(out / name)

    def each(name: str, model: str | Path, evaluation: Evaluation) -> None:
        if out is not None and is_chief():
            _write(out / name, model, evaluation)

    found = evaluate_many(models, each=each, progress=command_reporter(), **chosen)
    if not is_chief():
        return 0
    if out is not None:
        found.write_table(out)
    if as_json:
        failures = {name: str(error) for name, error in found.failures.items()}
        metrics = {name: plain(one.metrics) for name, one in found.evaluated.items()}
        print_json({"models": metrics, "failures": failures, "unfinished": list(found.unfinished)})
    else:
        print_evaluations(found, configs={name: BundleConfig.read(resolve(named[name])) for name in found.evaluated})
        if out is not None:
            click.echo(f"Saved to {out}: {TABLE} with all measures, and a folder for each model")
    return 1 if found.failures else 0


def _refuse_existing(folder: Path) -> None:
    """Raise a UsageError if an evaluation is already in a folder."""
    from zoo.files import refuse_existing
    from zoo.runs import METRICS, PREDICTIONS, REPORT

    for name in (METRICS, PREDICTIONS, REPORT):
        refuse_existing(folder / name, hint="choose another folder with --out")


def _write(folder: Path, model: str | Path, evaluation: Evaluation) -> None:
    """Write metrics.json, predictions.csv and the report."""
    from zoo.classifier import from_pretrained
    from zoo.reports import write_evaluation_report
    from zoo.runs import Run, is_run

    evaluation.write(folder)
    run = Path(model).expanduser()
    history = Run(run).history if is_run(run) else ()
    write_evaluation_report(folder, evaluation, from_pretrained(model), history=history, progress=command_reporter())
