"""`zoo evaluate`: measure a trained model on held-out images."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from zoo.cli.config_options import GroupedCommand
from zoo.cli.output.tables import print_json
from zoo.cli.shared_options import answer_options, data_options, device_option, json_option, model_argument
from zoo.config.plain import plain
from zoo.progress import command_reporter


@click.command("evaluate", cls=GroupedCommand)
@model_argument
@data_options("data", "root", "options", "store", "tolerate")
@click.option(
    "--part",
    type=click.Choice(["train", "val", "test"]),
    default="test",
    show_default=True,
    help="The part of the data to measure on, by the split that the model was trained with.",
)
@click.option(
    "--include-seen", is_flag=True, help="Measure images seen in training too; the results are marked as leaked."
)
@click.option(
    "--other-patients",
    is_flag=True,
    help="These patients are other people than those of the training, even where they have the same names.",
)
@click.option(
    "--stress",
    is_flag=True,
    help="Measure the images again with degradations of stain, blur, JPEG, brightness and scale.",
)
@answer_options
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="A folder for metrics.json, predictions.csv and report.html, which must not exist in it.",
)
@device_option
@json_option
def command(model: str, out: Path | None, as_json: bool, **given: Any) -> None:
    """Measure a trained model on held-out images, with 95 % intervals.

    Without --data, it is measured on the test part of the data that it was trained on. Of other data, images that it
    was trained or validated on are left out, and so are other images of the same patients.
    """
    from zoo.classifier import from_pretrained
    from zoo.cli.output.run_summary import print_evaluation
    from zoo.distributed.rank import is_chief
    from zoo.evaluation import evaluate
    from zoo.files import refuse_existing
    from zoo.reports import write_evaluation_report
    from zoo.runs import HISTORY, METRICS, PREDICTIONS, REPORT, is_run
    from zoo.training.history import read_history

    if out is not None:
        for name in (METRICS, PREDICTIONS, REPORT):
            refuse_existing(out / name, hint="choose another folder with --out")
    chosen = {name: value for name, value in given.items() if value not in (None, {})}
    evaluation = evaluate(model, progress=command_reporter(), **chosen)
    if not is_chief():
        return
    if out is not None:
        evaluation.write(out)
        rows = Path(model).expanduser() / HISTORY if is_run(Path(model).expanduser()) else None
        history = read_history(rows) if rows is not None and rows.is_file() else ()
        write_evaluation_report(out, evaluation, from_pretrained(model), history=history, progress=command_reporter())
    if as_json:
        print_json(plain(evaluation.metrics))
        return
    print_evaluation(evaluation.metrics)
    if out is not None:
        click.echo(f"Saved to {out}")
